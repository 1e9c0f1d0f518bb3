"""Annotations and drafts, and the results of every control type."""
