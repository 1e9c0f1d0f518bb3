"""Files and values, exactly: what comes back equals what went in, or the import says what it changed."""
