"""What CredHub itself does not do at Apple, whoever asks: with a sentence for people."""


class RefusedError(Exception):
    """`code` is what the run keeps."""

    code = "refused-here"


class FrozenError(RefusedError):
    """It would change what a frozen app signs with."""

    code = "frozen"


class NotEnsuredError(RefusedError):
    """The app's policy does not allow it, or something has to be done by a person first."""

    code = "not-ensured"
