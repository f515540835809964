"""Background jobs and the timetable: no business logic."""
