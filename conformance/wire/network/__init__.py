"""Bytes out, bytes in: connections, their errors, and who may use them when."""
