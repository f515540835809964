"""Tests of escalation rules."""
