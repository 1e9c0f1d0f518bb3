"""What an answer, and what it did, says of a rule; and how that is recorded."""
