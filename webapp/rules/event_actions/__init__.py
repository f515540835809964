"""Event actions: the catalogue of who is told of which event, with its switches."""
