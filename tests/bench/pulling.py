"""What builds pull: signing assets against bare PKCS#12, the API's list against a bare view; an app's page."""

import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from appstore import doorbell
from appstore.signing.bundle import bundle_for
from credentials.kinds.apple_certificate import certificate_of
from credentials.making.p12 import encode_p12, new_password
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models import ApiToken
from organizations.permissions import Permission, Role
from tests import factories
from tests.appstore.building import buildable, make_file
from tests.appstore.signing import IDENTIFIER
from tests.credentials.signing_material import pkcs8

PULLS, PROFILES, KEYS, LISTS = 200, 500, 60, 200
ADDRESS = f"/api/v1/signing-assets?bundle_id={IDENTIFIER}&purpose=bench"


def run(table: Callable[..., Any]) -> None:
    logging.disable(logging.WARNING)
    doorbell.ring = lambda _run_id: None  # type: ignore[assignment]
    settings.TOKEN_REQUESTS_PER_MINUTE = settings.TOKEN_REVEALS_PER_MINUTE = 10**6
    root = factories.make_root("Builds")
    owner = factories.make_user("builds@example.com")
    factories.join(owner, root, Role.OWNER)
    held = buildable(root)
    scopes = [Permission.CREDENTIAL_REVEAL, Permission.CREDENTIAL_VIEW]
    _token, text = ApiToken.issue(Actor(user=owner), root, name="Bench", scopes=scopes)
    machine = Client(headers={"authorization": f"Bearer {text}"})
    identity = held.identity

    def encode() -> bytes:
        return encode_p12(pkcs8(), certificate_of(identity), new_password(), name="Bench")

    def encode_and_record() -> None:
        encode()
        audit.record(SYSTEM, audit.Action.CREDENTIAL_CHECKED, identity, organization=root)

    def pull() -> None:
        if machine.get(ADDRESS).status_code != 200:
            raise ValueError("The bench pulls nothing.")

    table(
        "Signing assets of one app",
        ("PKCS#12 and an event", encode_and_record),
        {"a pull over the API, two events": pull},
    )
    table(
        "A signing bundle",
        ("PKCS#12", encode),
        {"found, opened, encoded": lambda: bundle_for(SYSTEM, held.app, "app-store", [IDENTIFIER], "bench")},
    )
    _pulls(pull)
    _lists(root, machine)
    _page(table, held, owner)


def _pulls(pull: Callable[[], None]) -> None:
    times = []
    for _ in range(PULLS):
        start = time.perf_counter()
        pull()
        times.append(time.perf_counter() - start)
    p99 = statistics.quantiles(times, n=100)[98]
    each = f"{PULLS / sum(times):,.1f} a second, p99 {p99 * 1000:.0f} ms"
    print(f"\nAudited pulls of signing assets, one after the other: {each}")


def _lists(root: Any, machine: Client) -> None:
    for _ in range(KEYS):
        factories.make_key(root)

    with override_settings(ROOT_URLCONF="tests.bench.bare_list"):
        bare = _processor(lambda: machine.get("/bare"))
        whole = _processor(lambda: machine.get("/api/v1/credentials"))
    told = f"{whole * 1000:.2f} ms over the API, {bare * 1000:.2f} ms as a bare view without a token"
    print(f"\n50 credentials as JSON, processor time: {told}: {bare / whole:.2f} of its requests a second")


def _processor(work: Callable[[], object]) -> float:
    """Seconds of a call that nothing disturbed: so short ones are lost in what else the machine does."""
    work()
    times = []
    for _ in range(LISTS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[LISTS // 20]


def _page(table: Callable[..., Any], held: Any, owner: Any) -> None:
    for number in range(PROFILES - 1):
        make_file(held.team, held.certificate, 0, IDENTIFIER, name=f"More {number}")
    client = Client()
    client.force_login(owner, backend="organizations.sign_in_backend.SignInBackend")
    page = reverse("app", args=[held.app.organization.slug, held.app.pk])
    table(
        f"An app with {PROFILES} profiles",
        ("the health check", lambda: client.get("/healthz")),
        {"its page": lambda: client.get(page)},
    )
