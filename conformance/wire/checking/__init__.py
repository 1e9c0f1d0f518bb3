"""What every exchange shows by itself: checks of responses against the contract, and the recorder."""
