"""Quality: agreement, statistics, dimensions, review routing, states."""
