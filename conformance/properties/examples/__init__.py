"""What deep runs found, kept as files that people can read and gate replays."""
