"""Tests of webapp/demo."""
