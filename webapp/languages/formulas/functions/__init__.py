"""The functions of formulas: their words and examples in the TOML files, their work in the modules beside."""
