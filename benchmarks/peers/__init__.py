"""Others of the program's kind, each in its own environment, sending the same mail to the same server."""
