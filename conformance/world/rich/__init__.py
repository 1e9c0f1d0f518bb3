"""Creates rich objects in two places, a home and its neighbour, and compares all that readers say of them.

Tests that change something and ask what else changed come here; plain objects are in :mod:`conformance.world.world`.
"""
