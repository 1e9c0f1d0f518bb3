"""Holds exchanges: what was sent and what came back, redacted, as tests read them and as results keep them."""
