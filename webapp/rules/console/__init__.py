"""The console: formulas and programs tried on a record, in the browser and from the command line."""
