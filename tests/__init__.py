"""Tests: a mirror of webapp/, plus stories, e-mails, browser, faults, attacks and architecture."""
