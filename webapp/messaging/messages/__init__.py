"""Messages: recipients, placeholders, composing, delivery and its states."""
