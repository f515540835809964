"""Moments at which something is to happen by itself: a row each, found by one indexed look."""
