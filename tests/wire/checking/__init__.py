"""What every exchange shows, and what a request was that a server failed on."""
