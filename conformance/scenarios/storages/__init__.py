"""Storages: S3, Redis, Azure, GCS, local files."""
