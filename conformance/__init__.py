"""Label Studio API conformance suite: judges, with evidence, how far a server keeps to the published API."""

__version__ = "0.1.0"
