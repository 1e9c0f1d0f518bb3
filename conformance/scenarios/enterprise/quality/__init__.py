"""How good the work is: agreement, statistics, dimensions, routing of reviews, states."""
