"""Bytes of mail and the wire: a library without Flask and without a database."""
