"""Runs the suite: its options, what the controller does before and after, what each worker does in between.

The hooks of ``plugin`` come here, and the command line.
"""
