"""Values and files come in exactly as they were sent, or the import is rejected."""
