class ServiceMissingError(Exception):
    """A server is not installed here, or does not start; the message says what to do."""
