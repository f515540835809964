"""The codes that carry finished bytes to a server, and the words they report in."""
