"""What is sent, as data: prepared requests, the plainest and the richest bodies, and values that are hard to keep."""
