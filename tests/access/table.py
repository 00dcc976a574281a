"""How the tables of the access matrix are written and read.

A row is `route place GET POST`: two words of nine letters, a letter for each member of the cast, in the order of
MEMBERS. The letters are what a person meets, and whether anything in the database was different afterwards:

    o  answered (200), nothing changed          O  answered (200), something changed
    =  sent on (302), nothing changed           >  sent on (302), something changed
    L  sent to the sign-in page                 A  sent to the admin's sign-in page
    -  not found (404)
    x  not allowed (403)                        m  not a method of this address (405)
    !  not understood (400)                     s  moved for good (301)
    u  not known (401)
    .  not asked: who is not a member of the address's organization is asked in other rows

After every letter but O and > nothing has changed either.

Everything here is written down by hand, from what the roles are meant to do, and nothing is computed from the
product's own table of permissions: a change there has to be made here too, by somebody who means it.
"""

import random
from dataclasses import dataclass

MEMBERS = (
    "anonymous", "root_owner", "root_viewer", "sub_a_admin", "sub_a_developer", "sub_b_developer", "outsider",
    "operator", "ci",
)  # fmt: skip
LETTERS = set("oO=>LA-xm!su.")


@dataclass(frozen=True)
class Row:
    route: str
    place: str
    get: str
    post: str

    def __str__(self) -> str:
        return f"{self.route}@{self.place}"

    def expected(self) -> dict[tuple[str, str], str]:
        """(method, member) → letter."""
        return {
            (method, member): letter
            for method, letters in (("GET", self.get), ("POST", self.post))
            for member, letter in zip(MEMBERS, letters, strict=True)
            if letter != "."
        }

    def sample(self) -> dict[tuple[str, str], str]:
        """Of those who meet the same, one: by the random seed of the run, so that every run asks others."""
        expected = list(self.expected().items())
        random.shuffle(expected)
        by_letter = {(method, letter): member for (method, member), letter in expected}
        return {(method, member): letter for (method, letter), member in by_letter.items()}


def read(text: str) -> list[Row]:
    """Rows of a table; empty lines and lines that start with # are for people."""
    rows = [Row(*line.split()) for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    for row in rows:
        if len(row.get) != len(MEMBERS) or len(row.post) != len(MEMBERS) or set(row.get + row.post) - LETTERS:
            raise ValueError(f"Not a row of the access matrix: {row}")
    return rows
