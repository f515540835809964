"""Libraries of values and languages: no Flask and no database, usable and tested alone."""
