"""Regions on pictures in each export format: rotated, of unusual shapes, on pictures of any size and name.

``figures`` computes what is expected, ``regions`` makes results.
"""
