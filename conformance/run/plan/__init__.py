"""Before the first request: which tests run, in which order, and what they are known to take."""
