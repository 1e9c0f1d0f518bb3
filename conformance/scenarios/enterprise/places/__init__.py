"""Where people work together: workspaces and projects, and who is in them."""
