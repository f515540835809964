"""Messaging: mail connections, messages and their delivery, push notes. It tells and knows nothing of the desk."""
