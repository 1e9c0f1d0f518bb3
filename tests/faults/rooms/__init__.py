"""What servers do wrong, by kind: small functions that the catalogue names, with arguments."""
