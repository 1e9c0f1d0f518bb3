"""The requirements that every kind of Enterprise object shares (``spec/enterprise/kinds.yaml``)."""
