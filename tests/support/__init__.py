"""What tests stand on: real servers, people, pages."""
