"""Approvals: who is asked in which order, how they vote, and what comes of it."""
