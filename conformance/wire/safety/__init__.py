"""What keeps a run from harm: to others' objects, to the target, and to itself."""
