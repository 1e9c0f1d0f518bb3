"""One project from its template to the export, with all roles."""
