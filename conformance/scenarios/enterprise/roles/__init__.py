"""Roles and permissions: ``spec/enterprise/authorization.yaml``, a cell at a time."""
