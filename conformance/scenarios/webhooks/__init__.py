"""Webhooks, and what they deliver."""
