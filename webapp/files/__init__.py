"""Stored files: each content once, under its hash, wherever fsspec can put it; their owners serve them."""
