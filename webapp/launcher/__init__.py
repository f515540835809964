"""Starts and prepares an installation: what `vestnik run`, `vestnik init` and `vestnik demo` do."""
