"""What is judged: where it is, which keys open it, and whether it can be judged at all.

Nothing is imported here: whoever needs only an exit code gets no HTTP client with it.
"""
