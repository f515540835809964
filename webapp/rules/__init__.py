"""Rules decide who is told what: the only wing that knows both the desk and messaging."""
