"""The event journal: what happened, which subscriber did what, and replay."""
