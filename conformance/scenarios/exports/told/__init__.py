"""Values, data and authors in each export format: the same everywhere, and nothing lost."""
