"""The one error of this package."""


class ParsingError(ValueError):
    """A file that is refused.

    `code` is a stable slug for programs and tests; `message` is a sentence for people that says what is
    wrong and what to do. Neither ever holds a byte of the file.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
