"""Demo mode: a mailbox to look into, people to sign in as, and tickets to play with."""
