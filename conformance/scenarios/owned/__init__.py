"""Fields that only the server decides, and references to other objects, in updates and creations."""
