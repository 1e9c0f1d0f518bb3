"""Root of the suite: the plugin is named in pyproject.toml, so that its options are known however pytest is called."""
