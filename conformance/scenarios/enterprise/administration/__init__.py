"""What administrators look after: the log, billing, single sign-on, lifetimes, code; and everybody, themselves."""
