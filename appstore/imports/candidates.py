"""What was found in an upload and could become a credential, as it is sealed until somebody wants it."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime

from credentials.kinds.found import Found
from credentials.parsing.signing_files import Problem


@dataclass(frozen=True)
class Candidate:
    """`kind` is a credential's; "" for a .p8, which does not tell what it is for: then `found` has its Key ID, where
    its name told one, and its public key."""

    kind: str
    found: Found
    paths: tuple[str, ...]

    def written(self) -> bytes:
        found = self.found
        return json.dumps(
            {
                "kind": self.kind,
                "identifier": found.identifier,
                "name": found.name,
                "facts": found.facts,
                "secret": base64.b64encode(found.secret).decode(),
                "expires_at": found.expires_at.isoformat() if found.expires_at else "",
            },
            ensure_ascii=False,
        ).encode()


def candidate_of(written: bytes) -> tuple[str, Found]:
    """The kind, and what was found."""
    told = json.loads(written)
    found = Found(
        identifier=told["identifier"],
        name=told["name"],
        facts=told["facts"],
        secret=base64.b64decode(told["secret"]),
        expires_at=datetime.fromisoformat(told["expires_at"]) if told["expires_at"] else None,
    )
    return told["kind"], found


@dataclass
class Contents:
    """All that an archive holds."""

    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
