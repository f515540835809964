"""What happened: event kinds and the outbox. It lies below people, so that accounts announce too."""
