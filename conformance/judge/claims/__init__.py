"""What a server may claim: features and profiles, and their level in each aspect."""
