"""Knows what is judged: its address, its keys, and whether it can be judged at all.

Nothing is imported here: whoever needs only an exit code gets no HTTP client with it.
"""
