"""Rehearsals: what a row would have told of the last 30 days. Nothing is sent."""
