"""Every point of the program at which it can break, with every fault of a server, on both databases."""
