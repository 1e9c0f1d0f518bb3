"""Direct exports, snapshots, lists and single objects hold the same values."""
