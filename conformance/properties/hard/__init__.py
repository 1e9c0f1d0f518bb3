"""Hard values: what is sent, who is asked afterwards, and which value is to blame."""
