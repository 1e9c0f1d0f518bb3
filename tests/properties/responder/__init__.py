"""A server in memory that answers from the contract: right by default, wrong in one respect on request."""
