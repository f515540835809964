"""Forms of records: built from a template's attributes, and the small ones on the card."""
