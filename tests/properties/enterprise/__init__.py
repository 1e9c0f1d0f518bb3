"""All operations of the contract, on an Enterprise server in memory."""
