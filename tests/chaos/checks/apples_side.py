"""What Apple saw of us."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

A_MINUTE = 60.0
MOST_WHILE_REFUSED = 3


@dataclass(frozen=True)
class Asked:
    """A request as Apple saw it, and when we saw that, in seconds."""

    at: float
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    key_id: str
    status: int


def created_twice(teams: Mapping[str, Mapping[str, Iterable[dict[str, Any]]]]) -> Iterator[str]:
    """Team → collection → attributes of objects: no device, certificate, bundle ID or profile is there twice."""
    for team, collections in teams.items():
        for collection, objects in collections.items():
            identity = _IDENTITIES.get(collection)
            seen: dict[str, int] = defaultdict(int)
            for attributes in objects if identity else []:
                seen[identity(attributes)] += 1  # type: ignore[misc]
            for what, times in seen.items():
                if times > 1:
                    yield f"team {team}: {collection} {what} is there {times} times"


def _public_key(attributes: dict[str, Any]) -> str:
    certificate = x509.load_der_x509_certificate(base64.b64decode(attributes["certificateContent"]))
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "with public key " + hashlib.sha256(key).hexdigest()[:16]


_IDENTITIES = {
    "devices": lambda attributes: attributes["udid"],
    "bundleIds": lambda attributes: attributes["identifier"],
    "profiles": lambda attributes: attributes["name"],
    "certificates": _public_key,
}


def pressed_while_refused(asked: Iterable[Asked], steps: Iterable[float] = ()) -> Iterator[str]:
    """More than three requests in a minute of a key that is answered 401 all the time (I8).

    `steps`: when the clock was stepped, which may end the minutes that a key was to rest.
    """
    refusals: dict[str, list[Asked]] = defaultdict(list)
    told: set[str] = set()
    for each in asked:
        if each.status != 401:
            if each.status:  # another answer: the refusals before it were not the state of the key
                refusals[each.key_id].clear()
            continue
        since = max([each.at - A_MINUTE, *(step for step in steps if step <= each.at)])
        recent = [before for before in refusals[each.key_id] if before.at > since]
        refusals[each.key_id] = [*recent, each]
        if len(refusals[each.key_id]) > MOST_WHILE_REFUSED and each.key_id not in told:
            told.add(each.key_id)
            paths = ", ".join(one.path for one in refusals[each.key_id])
            yield (
                f"key {each.key_id}: more than {MOST_WHILE_REFUSED} requests in a minute while Apple answers 401: "
                f"{paths}, in {each.at - refusals[each.key_id][0].at:.0f} s"
            )


def repeated(asked: Iterable[Asked], spans: Mapping[str, list[tuple[datetime, datetime]]]) -> int:
    """Answered requests that were the same as one before in the same run. `spans`: key → its runs, begin to end."""
    seen: dict[tuple[str, int], set[tuple[str, tuple[tuple[str, str], ...]]]] = defaultdict(set)
    count = 0
    for each in asked:
        if each.status != 200:
            continue
        for number, (begin, end) in enumerate(spans.get(each.key_id, [])):
            if begin.timestamp() <= each.at <= end.timestamp():
                what = (each.path, each.query)
                count += what in seen[each.key_id, number]
                seen[each.key_id, number].add(what)
                break
    return count
