"""Projects: life cycle, labelling configs, counters."""
