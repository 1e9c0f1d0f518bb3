"""Models a history: the objects that must exist, the steps taken, and the laws that answers have to keep.

``walking`` asks it after each step.
"""
