"""Two ways to ask for the same thing agree: a filter and our own, a list and items, a counter and what it counts."""
