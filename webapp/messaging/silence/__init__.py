"""Whether the program keeps silent, and to whom it may write all the same."""
