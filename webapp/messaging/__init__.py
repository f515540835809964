"""Messaging: mail connections, messages and their delivery, push notes. It knows nothing of the desk."""
