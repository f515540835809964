"""Demo mode: sample people and tickets, and a mailbox that shows the mail that left."""
