"""Ratings: what the requester thinks of the work once a record is closed."""
