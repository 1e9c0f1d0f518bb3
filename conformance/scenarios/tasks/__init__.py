"""Tasks, and lists of them."""
