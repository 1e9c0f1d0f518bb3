"""The storages that only an Enterprise server has (``spec/enterprise/storages.yaml``)."""
