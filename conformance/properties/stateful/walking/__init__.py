"""Walks a history: plans its steps, sends them, judges the answers, and reads back what they did.

``machine`` drives it, a step at a time.
"""
