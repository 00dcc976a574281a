"""Addresses that a token may be sent to."""

import ipaddress
from urllib.parse import urlsplit

from credhub_cli.errors import usage


def safe_url(text: str) -> str:
    """Without a slash at the end. Raises CliError for what is no address, and for plain http to another machine."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise usage("This address cannot be read. It is like https://credhub.example.com.") from None
    if not host or parts.scheme not in {"http", "https"}:
        raise usage("This address cannot be read. It is like https://credhub.example.com.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise usage(
            "The address has no name, password or query in it. It is like https://credhub.example.com."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise usage("Over plain http a token could be read on its way. Use https.")
    return url


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
