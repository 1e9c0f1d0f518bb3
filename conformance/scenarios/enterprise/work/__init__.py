"""Who works on what, and what is said of the work: assignments, reviews, comments, history, pauses."""
