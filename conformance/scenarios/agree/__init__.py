"""Two ways to ask for the same agree: filters and our own evaluation, lists and objects, counters and lists."""
