"""Explain: who was told what about a record, by which channel, and why."""
