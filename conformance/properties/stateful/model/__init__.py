"""What a history knows: what must be there, what was asked, what an answer may be and what it teaches."""
