"""Keys, and gateways that answer in place of the application."""
