"""What comes with tasks: annotations, predictions, meta, and predictions that come alone."""
