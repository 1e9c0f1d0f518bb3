"""Hand-written workflows, one or a few modules per area; each step is tied to requirements."""
