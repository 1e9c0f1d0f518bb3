"""Other people's things on a target, row by row: a run leaves them as they are, and nothing of its own."""
