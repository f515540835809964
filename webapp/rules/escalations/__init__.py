"""Escalation rules: event actions whose event is that time passed."""
