"""Silent mode: everything is written down and nothing leaves, except to a list."""
