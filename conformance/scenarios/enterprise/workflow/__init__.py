"""One piece of work from beginning to end."""
