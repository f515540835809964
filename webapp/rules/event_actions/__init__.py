"""Event actions: the catalogue of notifications on events, with their switches."""
