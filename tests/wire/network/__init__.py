"""Connections, locks and rates: on real sockets, against servers that misbehave."""
