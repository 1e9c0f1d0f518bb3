"""Root of the suite: pytest starts here. The plugin is named in pyproject.toml, so that its options are known however pytest is called."""
