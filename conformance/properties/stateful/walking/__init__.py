"""Walks a history: plans steps, sends them, judges what comes, and looks what it did."""
