"""N3: programs that look values up in records and documents, as the documents of Comindware write them."""
