"""At the same time, with children: nothing lost, nothing doubled, counters right, answers that can all be true."""
