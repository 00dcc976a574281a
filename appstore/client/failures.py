"""What requests and urllib3 raise, in the words of `errors`."""

import contextlib
from collections.abc import Iterator

import requests
from urllib3 import exceptions as urllib3_errors

from .errors import UnexpectedAnswer, Unreachable


@contextlib.contextmanager
def translated(host: str, connect_timeout: float, read_timeout: float) -> Iterator[None]:
    """Around a request and the reading of its answer; the original is dropped, it may show headers."""
    try:
        yield
    except (requests.ConnectTimeout, urllib3_errors.ConnectTimeoutError):
        raise Unreachable(
            f"{host} did not answer within {connect_timeout:g} s. Check the network and firewall, then try "
            "again."
        ) from None
    except (requests.Timeout, urllib3_errors.TimeoutError):
        raise Unreachable(
            f"{host} did not answer within {read_timeout:g} s. Try again in a few minutes.", too_much=True
        ) from None
    except (requests.exceptions.SSLError, urllib3_errors.SSLError):
        raise Unreachable(
            f"A secure connection to {host} could not be made: its certificate is not trusted here. Check "
            "proxies that inspect traffic, and this server's clock."
        ) from None
    except urllib3_errors.DecodeError:
        raise UnexpectedAnswer(
            f"The answer of {host} is damaged: it cannot be decompressed. Try again in a few minutes."
        ) from None
    except (OSError, urllib3_errors.HTTPError):  # every error of requests is an OSError
        raise Unreachable(
            f"{host} could not be reached, or the connection broke. Check the network, DNS and proxy, then "
            "try again."
        ) from None
