"""What to do when a credential is lost, or when somebody else may have it: told on its page, at length in the docs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """Sentences for people. `compromised` are steps, in the order in which they are done."""

    lost: str
    compromised: tuple[str, ...]
