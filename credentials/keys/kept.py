"""Plain keys in memory: for a while, not too many, for every thread."""

import threading
import time
from collections import OrderedDict
from typing import Generic, TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")


class Kept(Generic[Name, Value]):
    """What is kept is found until its lifetime is over. The longest unused leaves first when there are too many."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._values: OrderedDict[Name, tuple[float, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Name) -> Value | None:
        with self._lock:
            found = self._values.get(name)
            if found is None or found[0] <= time.monotonic():
                self._values.pop(name, None)
                return None
            self._values.move_to_end(name)
            return found[1]

    def keep(self, name: Name, value: Value, lifetime: float) -> None:
        """A lifetime of nothing keeps nothing."""
        now = time.monotonic()
        with self._lock:
            for over in [each for each, (ends, _) in self._values.items() if ends <= now]:
                del self._values[over]
            if lifetime > 0:
                self._values[name] = (now + lifetime, value)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
