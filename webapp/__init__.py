"""Vestnik: tells people what happened to the things they care for."""
