"""Installed like any tool: from its wheel alone, in a folder that is nobody's project, or beside other tests."""
