"""Single faults in front of a real server: what a run says of each, and which it does not notice."""
