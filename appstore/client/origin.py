"""Where the API is, and which addresses belong to it.

A next link comes from the other side and carries our token: it is followed only to the very same place.
"""

from urllib.parse import unquote, urlsplit

from .errors import UnexpectedAnswer

_PORTS = {"https": 443, "http": 80}


class Origin:
    """Scheme, host, port and an optional path prefix, such as https://api.appstoreconnect.apple.com."""

    def __init__(self, base_url: str) -> None:
        """ValueError unless `base_url` is an http or https address without credentials, query or fragment."""
        parts = urlsplit(base_url)
        if (
            parts.scheme not in _PORTS
            or not parts.hostname
            or "@" in parts.netloc
            or parts.query
            or parts.fragment
        ):
            raise ValueError("The API's address must look like https://api.appstoreconnect.apple.com.")
        self.host = parts.netloc
        self._place = (parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])
        self._prefix = parts.path.rstrip("/")
        self._root = f"{parts.scheme}://{parts.netloc}"

    def url(self, path: str) -> str:
        """The address of an API path such as /v1/certificates."""
        return f"{self._root}{self._prefix}{path}"

    def path_of(self, url: str) -> str:
        """The API path of an address of ours, for messages."""
        return urlsplit(url).path.removeprefix(self._prefix)

    def own(self, url: str) -> str:
        """`url`, put together anew from our own root; UnexpectedAnswer when it leads anywhere else."""
        try:
            parts = urlsplit(url)
            place = (parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme))
        except ValueError:  # a port or an IPv6 address that is none
            raise _foreign() from None
        if place != self._place or "@" in parts.netloc or not self._in_api(parts.path):
            raise _foreign()
        # Whatever another URL parser would make of the link, this can only go to our host.
        return f"{self._root}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _in_api(self, path: str) -> bool:
        # Dots are resolved before the request is sent and would climb out of the API.
        steps = unquote(path).replace("\\", "/").split("/")
        return path.startswith(f"{self._prefix}/v1/") and not {".", ".."} & set(steps)


def _foreign() -> UnexpectedAnswer:
    return UnexpectedAnswer(
        "The answer continues at an address outside Apple's API, which was not followed. Check the "
        "configured address and proxy."
    )
