"""Record templates: attributes, statuses and the moves between them."""
