"""The desk: templates, records, rights."""
