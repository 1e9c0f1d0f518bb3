"""Whatever says that it was done is counted afterwards."""
