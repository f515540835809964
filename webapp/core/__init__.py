"""Plumbing: nothing here knows what a ticket is."""
