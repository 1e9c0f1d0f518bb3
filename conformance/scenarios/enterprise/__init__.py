"""What only an Enterprise server offers; collected with ``--edition enterprise`` only.

``people`` signs up members with roles, ``steps`` is what the areas share.
"""
