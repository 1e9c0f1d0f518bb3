"""Servers that answer the same to everything: what passes on them was shown by nothing."""
