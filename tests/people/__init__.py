"""Tests of webapp/people."""
