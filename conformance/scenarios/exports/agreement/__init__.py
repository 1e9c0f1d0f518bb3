"""Two ways to the same thing: direct exports, snapshots, lists, and single objects."""
