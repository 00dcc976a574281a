"""How a sync asks: in the fewest requests, with one short-lived token, which Apple accepts."""

import time
from collections.abc import Callable
from math import ceil
from urllib.parse import parse_qs, urlsplit

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, KeyType, Profile
from credentials.parsing.p8 import parse_p8
from organizations.actors import SYSTEM
from organizations.models import AuditEvent, Organization
from tests.appstore.apple import LISTS, Apple, Wire, sync, work

LONGEST = 15 * 60
MODELS = [BundleId, Certificate, Device, Profile]


def test_one_request_for_each_two_hundred_objects(
    make_apple: Callable[..., Apple], acme: Organization
) -> None:
    apple = make_apple(certificates=2, bundle_ids=201, devices=401, profiles=0)
    for _ in range(200):
        apple.add_profile(devices=[])
    key = apple.upload(acme)
    work()
    asked = [each.path for each in apple.requests(key, *LISTS) if each.query["limit"] == "200"]
    sizes = {"/v1/bundleIds": 201, "/v1/certificates": 2, "/v1/devices": 401, "/v1/profiles": 200}
    assert {path: asked.count(path) for path in LISTS} == {
        path: ceil(size / 200) for path, size in sizes.items()
    }
    assert {model: model._default_manager.filter(team=key.team).count() for model in MODELS} == dict(
        zip(MODELS, sizes.values(), strict=True)
    )
    # Beside the lists the key made the six requests of its check, and no more.
    assert len(apple.requests(key)) == len(asked) + 6


def test_an_empty_collection_takes_one_request(make_apple: Callable[..., Apple], acme: Organization) -> None:
    apple = make_apple(certificates=0, bundle_ids=0, devices=0, profiles=0)
    key = apple.upload(acme)
    work()
    asked = apple.requests(key, *LISTS)
    assert [each.path for each in asked if each.query["limit"] == "200"] == LISTS


def test_profiles_come_with_their_relations_and_as_little_else_as_can_be(
    key: AppStoreConnectKey, wire: Wire
) -> None:
    work()
    (url,) = [sent.url for sent in wire.sent if "/v1/profiles?" in sent.url and "limit=200" in sent.url]
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert query["include"] == "bundleId,certificates,devices"
    assert query["limit[devices]"] == query["limit[certificates]"] == "50"
    assert query["fields[devices]"] == "udid"


def test_one_token_serves_the_whole_run_and_the_next_ones(key: AppStoreConnectKey, wire: Wire) -> None:
    work()
    sync(key.team)
    assert len(wire.sent) == 6 + 4 + 4
    assert len({sent.token for sent in wire.sent}) == 1
    # So the private key is opened, and recorded as opened, once.
    opened = AuditEvent.objects.filter(action="credential:revealed")
    assert [(event.actor_label, event.facts["purpose"]) for event in opened] == [("CredHub", "check")]


def test_tokens_live_a_quarter_of_an_hour_at_most_and_are_not_from_the_future(
    key: AppStoreConnectKey, wire: Wire
) -> None:
    work()
    for sent in wire.sent:
        assert sent.claims["exp"] - sent.claims["iat"] <= LONGEST
        assert (
            sent.claims["iat"] <= time.time() - 59
        )  # a clock that is a little ahead of Apple's does no harm
        assert sent.claims["exp"] > time.time()
        assert (sent.claims["iss"], sent.claims["aud"]) == (key.issuer_id, "appstoreconnect-v1")


def test_a_replaced_private_key_signs_from_then_on(apple: Apple, key: AppStoreConnectKey, wire: Wire) -> None:
    work()
    before = {sent.token for sent in wire.sent}
    wire.sent.clear()
    stranger = parse_p8(apple.issue().p8)  # another key's: Apple does not know it under this Key ID
    key.replace_private_key(SYSTEM, key_type=KeyType.TEAM, p8=stranger)
    work()
    assert not before & {sent.token for sent in wire.sent}
    key.credential.refresh_from_db()
    assert key.credential.status == "REFUSED"
