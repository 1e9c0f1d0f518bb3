"""Drafts: whose they are, where they belong, and what becomes of them."""
