"""One large piece of the interpreter's stack for all that is called below, instead of many small ones.

CPython 3.11 to 3.14 keep frames in chunks of 16 KiB, and give one back to the system as soon as it is empty
(https://github.com/python/cpython/issues/142183; late 3.13 and 3.14 releases keep one). Code that calls again and again
across the end of a chunk pays two system calls and page faults each time, and a page rendered behind some twenty
middlewares does so thousands of times. A frame that asks for more than half of 256 KiB gets a chunk of that size, and
what is called from it shares the rest.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
SLOTS = 17_500  # of 8 bytes: 137 KiB here, which leaves 119 KiB for the frames below


def with_room(call: Callable[[], T]) -> T:
    """What `call` returns."""
    return call()


with_room.__code__ = with_room.__code__.replace(co_stacksize=SLOTS)


def roomy(function: Callable[P, T]) -> Callable[P, T]:
    """The function, which runs with room."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return with_room(lambda: function(*args, **kwargs))

    return wrapper
