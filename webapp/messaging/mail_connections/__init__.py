"""Mail connections: servers, secrets, the check, sending parameters."""
