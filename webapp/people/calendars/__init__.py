"""Working calendars: when people work, by the clock of one zone."""
