"""A large team behind 80 ms: the first sync and an unchanged one, each against its own requests, sent bare."""

import logging
import math
import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from codemagic.apple.app_store_connect import AppStoreConnectApiClient, IssuerId, KeyIdentifier
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appstore import doorbell, runs
from appstore.client.reading import _CAPABILITIES, _CERTIFICATE_FACTS, _PROFILE_FACTS, _PROFILE_RELATIONS
from appstore.models import AppStoreConnectKey, KeyType, SyncRun
from credhub import garbage
from organizations.actors import SYSTEM
from tests import factories
from tests.bench.apple import Apple, far_away

LARGE = {"certificates": 100, "profiles": 2_000, "bundle_ids": 400, "devices": 500}
TEN_TIMES = 20_000
FULL: dict[str, dict[str, Any]] = {
    "bundleIds": _CAPABILITIES, "certificates": {}, "devices": {}, "profiles": _PROFILE_RELATIONS,
}  # fmt: skip
FACTS = FULL | {
    "certificates": {"fields[certificates]": _CERTIFICATE_FACTS},
    "profiles": {"fields[profiles]": _PROFILE_FACTS},
}
MIRRORS = ("appstore_certificate", "appstore_bundleid", "appstore_device", "appstore_profile")


def run(_table: Callable[..., Any]) -> None:
    logging.disable(logging.WARNING)
    doorbell.ring = lambda _run_id: None  # type: ignore[assignment]
    settings.APPSTORE_LISTS_AT_ONCE = 4
    garbage.keep_what_is_loaded()  # as a worker does when it begins
    with far_away() as apple:
        settings.APPSTORE_API_URL = apple.url
        small = _measure(apple, LARGE)
        large = _measure(apple, LARGE | {"profiles": TEN_TIMES})
        _say(f"  {large / small:>7.1f} ×  the first sync with 10 times the profiles, against the one above")
        _say(
            f"  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>7.0f} MB peak memory of all of this"
        )
        _beside_codemagic(apple)


def _measure(apple: Apple, sizes: dict[str, int]) -> float:
    """Seconds of the first sync."""
    key = _key(apple, sizes)
    formula = sum(math.ceil(size / 200) for size in sizes.values())
    _say(f"\nSyncing {sizes} at 80 ms (the formula allows {formula} requests)")
    floor = _best(lambda: _bare(apple, key, FULL))
    first, asked = _sync(apple, key)
    _say(f"  {'1.0 ×':>9}  the same requests alone, bodies discarded ({floor:.2f} s)")
    _say(f"  {first / floor:>7.2f} ×  the first sync ({first:.2f} s, {asked} requests)")
    floor = _best(lambda: _bare(apple, key, FACTS))
    with CaptureQueriesContext(connection) as captured:
        _sync(apple, key)
    writes = [each["sql"] for each in captured if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    mirrored = [sql for sql in writes if any(f'"{table}' in sql.split("WHERE")[0] for table in MIRRORS)]
    again = _best(lambda: _sync(apple, key))
    asked = _sync(apple, key)[1]
    _say(f"  {'1.0 ×':>9}  the requests of an unchanged sync alone ({floor:.2f} s)")
    _say(
        f"  {again / floor:>7.2f} ×  an unchanged sync ({again:.2f} s, {asked} requests, {len(mirrored)} rows written)"
    )
    return first


def _key(apple: Apple, sizes: dict[str, int]) -> AppStoreConnectKey:
    team = apple.post("teams", name=f"Bench {sizes['profiles']}", **sizes)
    issued = apple.post("keys", team_id=team["team_id"], role="ADMIN", kind="TEAM")
    key = factories.make_key(
        factories.make_root(f"Syncing {sizes['profiles']}"), key_type=KeyType.TEAM, p8=issued["p8"].encode(),
        key_id=issued["key_id"], issuer_id=issued["issuer_id"],
    )  # fmt: skip
    SyncRun.objects.all().delete()
    return key


def _sync(apple: Apple, key: AppStoreConnectKey) -> tuple[float, int]:
    """Seconds, and requests by Apple's count."""
    assert key.team is not None
    apple.forget()
    asked = SyncRun.request_sync(SYSTEM, key.team, SyncRun.Trigger.MANUAL, key=key)
    start = time.perf_counter()
    runs.perform(asked.pk)
    seconds = time.perf_counter() - start
    asked.refresh_from_db()
    if asked.state != SyncRun.State.SUCCEEDED:
        raise RuntimeError(f"{asked.state}: {asked.error_message}")
    return seconds, apple.requests()


def _bare(apple: Apple, key: AppStoreConnectKey, params: dict[str, dict[str, Any]]) -> None:
    """The four lists side by side, with nothing but `requests`."""
    now = int(time.time())
    claims = {"iss": key.issuer_id, "aud": "appstoreconnect-v1", "iat": now, "exp": now + 600}
    p8 = key.credential.reveal(SYSTEM, purpose="bench")
    headers = {
        "Authorization": "Bearer " + jwt.encode(claims, p8, algorithm="ES256", headers={"kid": key.key_id})
    }

    def walk(name: str) -> None:
        with requests.Session() as session:
            url = f"{apple.url}/v1/{name}?{urlencode({'limit': 200, **params[name]})}"
            while url:
                answer = session.get(url, headers=headers, timeout=300)
                answer.raise_for_status()
                url = _next(answer.content)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(walk, params))


def _next(body: bytes) -> str:
    """The link to the next page, without reading the rest of what was sent."""
    return body.rpartition(b'"next": "')[2].partition(b'"')[0].decode() if b'"next": "' in body else ""


def _best(work: Callable[[], object]) -> float:
    """The least seconds of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _beside_codemagic(apple: Apple) -> None:
    """A client that nobody here wrote lists the same, and has to ask each profile what it belongs to."""
    key = _key(apple, {"certificates": 40, "profiles": 150, "bundle_ids": 60, "devices": 100})
    seconds, asked = _sync(apple, key)
    _say(
        f"\nA team of 150 profiles with what they belong to\n  {seconds:>7.1f} s  CredHub ({asked} requests)"
    )
    AppStoreConnectApiClient.API_URL = f"{apple.url}/v1"
    p8 = key.credential.reveal(SYSTEM, purpose="bench").decode()
    apple.forget()
    start = time.perf_counter()
    api = AppStoreConnectApiClient(KeyIdentifier(key.key_id), IssuerId(key.issuer_id), p8)
    with api.session:
        for listed in (api.signing_certificates, api.devices, api.bundle_ids):
            listed.list()
        for profile in api.profiles.list():
            api.profiles.read_bundle_id(profile)
            api.profiles.list_certificate_ids(profile)
            api.profiles.list_device_ids(profile)
    _say(f"  {time.perf_counter() - start:>7.1f} s  codemagic-cli-tools ({apple.requests()} requests)")


def _say(line: str) -> None:
    print(line, flush=True)
