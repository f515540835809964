"""Attacks on the whole program: hostile texts and requests for its own forms and addresses."""
