"""Each form that a report takes, as its reader sees it."""
