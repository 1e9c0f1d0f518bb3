"""Runs of the suite side by side: each on a server of its own, with one faulty proxy after the other in front."""
