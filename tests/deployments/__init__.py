"""Self-tests on servers as people run them."""
