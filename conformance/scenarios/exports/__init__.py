"""Exports, read back by independent readers."""
