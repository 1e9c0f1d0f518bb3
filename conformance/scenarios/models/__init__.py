"""Models that answer invalidly, change their address, or are connected by another member."""
