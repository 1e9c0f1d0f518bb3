"""Ways for a whole server to be wrong: each answers a call otherwise. Their names are in ``spoiled.py``."""
