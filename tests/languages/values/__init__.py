"""The libraries of values and languages."""
