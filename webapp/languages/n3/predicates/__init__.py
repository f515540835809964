"""What predicates do: words and examples in the TOML files, and the work that formulas do not do already."""
