"""The desk: record templates, records and what people do with them. It announces and knows nothing of messages."""
