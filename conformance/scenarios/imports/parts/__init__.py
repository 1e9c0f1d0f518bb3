"""Annotations, predictions and meta that are imported with tasks, and predictions that are imported alone."""
