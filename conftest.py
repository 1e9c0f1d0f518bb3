"""The suite is a pytest plugin; this makes it one of this repository's."""

pytest_plugins = ["conformance.plugin"]
