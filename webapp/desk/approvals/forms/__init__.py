"""Forms of approvals: asking for one with its stages, and the small ones on the card."""
