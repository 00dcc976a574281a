"""What every app may raise and one place answers."""


class UnavailableError(Exception):
    """Something that the answer depends on cannot be had now. The page is a 503, and nothing has left or changed."""


class AuditUnavailableError(UnavailableError):
    """The event cannot be recorded, so what it is about does not happen."""
