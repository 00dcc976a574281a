"""Certificates: issued for the key of a signing request, and revoked."""

from datetime import UTC, datetime, timedelta

from appstore.sandbox import errors
from appstore.sandbox.authority import authority
from appstore.sandbox.catalog import CATALOGS
from appstore.sandbox.certificates import TYPES, Order, certificate
from appstore.sandbox.model import Resource
from appstore.sandbox.names import Person, apple_date, apple_id
from appstore.sandbox.writing import refusals
from appstore.sandbox.writing.body import Body
from appstore.sandbox.writing.csr import public_key
from appstore.sandbox.writing.desk import Desk

# The certificates of a type that a team may have at once, where nothing else was configured. Apple gives no
# numbers; three for distribution is what teams report.
DEFAULT_LIMITS = dict.fromkeys(
    ("DISTRIBUTION", "IOS_DISTRIBUTION", "MAC_APP_DISTRIBUTION", "MAC_INSTALLER_DISTRIBUTION"), 3
)


def create(desk: Desk, body: Body) -> Resource:
    kind, content = body.text("certificateType"), body.text("csrContent")
    desk.permit("certificates", kind)
    if kind not in CATALOGS[desk.team.program].types["certificates"].filters["certificateType"].values:
        raise refusals.invalid_value("certificateType", kind)
    _refuse_the_account_holders(kind)
    if kind not in TYPES:
        names = [name for name in ("passTypeId", "merchantId") if name in body.relationships]
        raise refusals.no_identifier(body.one(names[0]) if names else "null")
    key = public_key(content)
    _refuse_too_many(desk, kind)
    order = Order(
        kind,
        Person("Created via", "API", desk.key.key_id, apple_id(desk.random)),
        desk.random.getrandbits(127) | 1,
        datetime.now(UTC).replace(microsecond=0) + timedelta(days=TYPES[kind].days),
        key,
    )
    return desk.keep(certificate(authority(), desk.team, apple_id(desk.random), order))


def delete(desk: Desk, object_id: str) -> None:
    """Revoke. The profiles that hold the certificate become invalid."""
    found = desk.existing("certificates", object_id)
    kind = found.attributes["certificateType"]
    desk.permit("certificates", kind)
    _refuse_the_account_holders(kind)
    desk.remove(found)


def is_current(resource: Resource) -> bool:
    """Not expired. A request that is still pending has no end yet."""
    end: str | None = resource.attributes["expirationDate"]
    return end is None or end > apple_date(datetime.now(UTC))


def _refuse_the_account_holders(kind: str) -> None:
    if kind.startswith("DEVELOPER_ID"):
        raise errors.account_holder_only()


def _refuse_too_many(desk: Desk, kind: str) -> None:
    limit = desk.certificate_limits.get(kind)
    same = [each for each in desk.all("certificates") if each.attributes["certificateType"] == kind]
    if limit is not None and sum(map(is_current, same)) >= limit:
        raise refusals.certificate_limit(TYPES[kind].label.removeprefix("Apple "))
