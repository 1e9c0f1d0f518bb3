"""What is not the client's to write has no effect, or is refused; what is re-pointed is right on both sides."""
