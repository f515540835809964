"""Service agreements: how soon the desk reacts and resolves, and the deadlines that come of it."""
