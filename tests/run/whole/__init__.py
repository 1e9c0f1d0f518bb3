"""Whole runs on a real server, as a person starts them, and what becomes of them."""
