"""Keys that are malformed, somebody else's or expired; and addresses that a target must not request."""
