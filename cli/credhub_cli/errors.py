"""What can go wrong, and the exit code that tells scripts so (docs/cli.md)."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    NOT_ALLOWED = 4
    NOT_FOUND = 5
    CONFLICT = 6
    UNREACHABLE = 7
    TIMEOUT = 8


BY_STATUS = {
    401: Exit.NOT_SIGNED_IN,
    403: Exit.NOT_ALLOWED,
    404: Exit.NOT_FOUND,
    409: Exit.CONFLICT,
    429: Exit.UNREACHABLE,
    502: Exit.UNREACHABLE,
    503: Exit.UNREACHABLE,
    504: Exit.UNREACHABLE,
}


class CliError(Exception):
    """Ends the command. `code` is stable, for programs: the API's own where the API refused."""

    def __init__(
        self, exit_code: Exit, code: str, detail: str, *, status: int = 0, request_id: str = ""
    ) -> None:
        super().__init__(detail)
        self.exit_code, self.code, self.detail = exit_code, code, detail
        self.status, self.request_id = status, request_id

    def told(self) -> dict[str, object]:
        return {
            "error": {
                "exit_code": int(self.exit_code),
                "code": self.code,
                "detail": self.detail,
                "request_id": self.request_id,
            }
        }


def usage(detail: str) -> CliError:
    return CliError(Exit.USAGE, "usage", detail)
