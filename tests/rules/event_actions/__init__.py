"""Tests of event actions."""
