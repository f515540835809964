"""Formulas: a small language in which technologists compute values; nothing else can be done with it."""
