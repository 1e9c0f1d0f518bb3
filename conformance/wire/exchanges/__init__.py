"""Exchanges: what was sent and what came back, as tests read it and as a result keeps it."""
