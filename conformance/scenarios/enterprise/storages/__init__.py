"""The storages that only an Enterprise server has: they log in with an account that a person lends."""
