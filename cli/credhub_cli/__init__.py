"""CredHub on the command line. It speaks to an instance over its API alone and shares no code with the server."""

VERSION = "0.1.0"  # as in pyproject.toml
