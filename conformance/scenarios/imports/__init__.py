"""Imports: in requests, as files, by URL."""
