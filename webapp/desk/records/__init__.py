"""Records: lists, cards, forms, comments, subscribers and history of every template."""
