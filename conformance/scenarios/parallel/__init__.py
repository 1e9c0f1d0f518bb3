"""Concurrent imports, deletions and actions on tasks with annotations and predictions."""
