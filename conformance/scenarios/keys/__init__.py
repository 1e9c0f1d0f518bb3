"""Keys that are spoiled, somebody else's, or no longer good."""
