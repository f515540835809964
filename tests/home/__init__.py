"""Tests of webapp/home."""
