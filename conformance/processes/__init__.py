"""Programs that the suite starts, and what it builds once to start them: of no target and no peer in particular."""
