"""Who may do what: ``spec/enterprise/authorization.yaml``, a cell at a time."""
