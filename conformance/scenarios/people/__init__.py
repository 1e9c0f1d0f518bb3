"""Users, organisations, credentials, and who may do what."""
