"""Opens connections, sends bytes, and says why no response came."""
