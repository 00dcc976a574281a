"""Names, ids and dates in Apple's forms."""

import string
from dataclasses import dataclass
from datetime import datetime
from random import Random

FIRST_NAMES = (
    "Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace",
    "Hedy", "John", "Katherine", "Ken", "Leslie", "Margaret", "Niklaus", "Radia",
)  # fmt: skip
LAST_NAMES = (
    "Allen", "Baker", "Cerf", "Engel", "Fischer", "Garcia", "Hopper", "Ito",
    "Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Perez", "Rossi",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A member of a team. The id in a certificate's common name and its UID are two different ones."""

    first_name: str
    last_name: str
    person_id: str
    user_id: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def apple_id(random: Random) -> str:
    """Ten upper-case letters and digits, as Apple's ids have."""
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=10))


def person(random: Random) -> Person:
    return Person(random.choice(FIRST_NAMES), random.choice(LAST_NAMES), apple_id(random), apple_id(random))


def apple_date(moment: datetime) -> str:
    """A UTC moment in the API's notation, whose offset has no colon."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
