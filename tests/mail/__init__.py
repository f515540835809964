"""The mail library, against real servers on the loopback."""
