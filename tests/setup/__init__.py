"""Tests of set-up: launcher, embedded Redis, demo mailbox, commands."""
