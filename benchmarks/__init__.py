"""Measures the program's whole path in turn with a reference and with others of its kind: ``make bench``."""
