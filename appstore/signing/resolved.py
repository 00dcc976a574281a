"""What came of looking for what goes in a slot."""

from dataclasses import dataclass
from enum import Enum

from appstore.models import Assignment, Certificate, Profile
from appstore.signing.slots import Slot
from credentials.models import Credential


class State(Enum):
    """In words, and the tone that pages show it in."""

    ASSIGNED = ("Assigned", "good")
    SUGGESTED = ("Suggested", "info")
    MISSING = ("Missing", "neutral")
    BROKEN = ("Broken", "bad")

    @property
    def words(self) -> str:
        return self.value[0]

    @property
    def tone(self) -> str:
        return self.value[1]


class Rule(Enum):
    """Which rule chose it."""

    PINNED = "pinned"
    IN_PROFILE = "in-profile"
    EXACT = "exact"
    WILDCARD = "wildcard"
    UPLOADED = "uploaded"
    BEST = "best"
    ONLY_ONE = "only-one"
    NONE = "none"


@dataclass(frozen=True)
class Resolved:
    """`credential` is what is kept here (for a certificate: the one with its private key), `certificate` and `profile`
    are Apple's. `why` is a sentence, `warnings` what is no reason not to use it."""

    slot: Slot
    state: State
    rule: Rule
    why: str
    credential: Credential | None = None
    certificate: Certificate | None = None
    profile: Profile | None = None
    pin: Assignment | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        return self.state in {State.ASSIGNED, State.SUGGESTED}

    @property
    def name(self) -> str:
        return str(self.profile or self.certificate or self.credential or "")


NOT_SEEN = "What was chosen was archived, or is not shared with this organization any more. Choose another."
