"""Answers and what is told of them: what was read, whose fault it was, and no secret."""
