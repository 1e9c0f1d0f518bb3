"""Workspaces, projects and templates, and who is a member of them."""
