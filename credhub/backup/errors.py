class BackupError(Exception):
    """A backup is not made, or not taken; the message says why and what to do, in words for an operator."""
