"""One test: what its phases are shown as, and what they tell the controller."""
