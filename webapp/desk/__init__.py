"""The desk: record templates, records and what people do with them. It knows nothing of messages."""
