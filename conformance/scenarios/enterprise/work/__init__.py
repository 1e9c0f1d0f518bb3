"""Work on tasks: assignments, reviews, comments, history, pauses."""
