"""Point it at any URL that claims to serve the Label Studio API, and it says, with evidence, how far that is true."""

__version__ = "0.1.0"
