"""The organisation: its members with their roles and tags, and what its roles may do."""
