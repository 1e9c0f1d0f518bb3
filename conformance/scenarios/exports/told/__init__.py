"""What exports tell of data, results and people: the same in every format, and nothing lost."""
