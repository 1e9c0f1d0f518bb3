"""What a deep run does besides: it finds examples, makes them small, and keeps what gate would not find."""
