"""What a key can do, found out by using it: no endpoint tells a key's own type or role.

The questions are those that other tools found telling (FACTS B): /v1/certificates needs access to
certificates, /v1/users only Admins may read, and Individual keys reach apps but no provisioning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .client import AppStoreConnectClient
from .errors import (
    AgreementRequired,
    AppStoreConnectError,
    Forbidden,
    MembershipLapsed,
    RateLimited,
    Unauthorized,
)
from .tokens import ENTERPRISE, INDIVIDUAL, TEAM

ClientFor = Callable[[str], AppStoreConnectClient]

_OUTCOMES: list[tuple[type[AppStoreConnectError], str]] = [
    (Unauthorized, "refused"),
    (AgreementRequired, "agreement-required"),
    (MembershipLapsed, "membership-lapsed"),
    (Forbidden, "role-too-weak"),
    (RateLimited, "rate-limited"),
]
_NAMES = {TEAM: "a Team key", INDIVIDUAL: "an Individual key", ENTERPRISE: "an Enterprise key"}
_TOO_WEAK = (
    "Apple accepts the key, but its role may not read certificates, identifiers and profiles. Syncing needs "
    "a key with the Admin role; this one still works for uploads."
)
_INDIVIDUAL_WORKS = (
    "Apple accepts the key. Individual keys cannot read certificates, identifiers and profiles: it works for "
    "uploads, and syncing needs a Team key with the Admin role."
)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What to show and to store.

    `outcome`: works, refused, role-too-weak, agreement-required, membership-lapsed, rate-limited, unreachable
    or unexpected. `capabilities`: "certificates" and "users", each only when Apple gave a clear answer.
    `suggestion`: the key type that Apple accepts in place of the one that was asked for.
    """

    outcome: str
    message: str
    capabilities: dict[str, bool] = field(default_factory=dict)
    suggestion: str | None = None


def probe(client_for: ClientFor, key_type: str) -> ProbeResult:
    """Asks Apple, two to four requests at most; never raises AppStoreConnectError.

    `client_for(key_type)` makes the client of the same key as that type. It may raise ValueError for a type
    that it cannot serve, such as a Team key without an Issuer ID. The clients are closed here.
    """
    with client_for(key_type) as client:
        try:
            client.get(*_question(key_type))
        except Unauthorized as error:
            return _refused(client_for, key_type, error)
        except AppStoreConnectError as error:
            return _failed(error)
        if key_type == INDIVIDUAL:
            return ProbeResult("works", _INDIVIDUAL_WORKS, {"certificates": False, "users": False})
        return _works(client)


def _question(key_type: str) -> tuple[str, dict[str, str | int]]:
    return ("/v1/apps" if key_type == INDIVIDUAL else "/v1/certificates"), {"limit": 1}


def _works(client: AppStoreConnectClient) -> ProbeResult:
    capabilities = {"certificates": True}
    try:
        client.get("/v1/users", {"limit": 1})
        capabilities["users"] = True
    except Forbidden:
        capabilities["users"] = False
    except AppStoreConnectError:
        # The key works all the same; that Apple stumbled here says nothing about its role.
        return ProbeResult("works", "Apple accepts the key.", capabilities)
    role = "It has the Admin role." if capabilities["users"] else "It can sync, its role is not Admin."
    return ProbeResult("works", f"Apple accepts the key. {role}", capabilities)


def _failed(error: AppStoreConnectError) -> ProbeResult:
    outcome = next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), "")
    if outcome == "role-too-weak":
        return ProbeResult(outcome, _TOO_WEAK, {"certificates": False})
    return ProbeResult(outcome or ("unreachable" if error.transient else "unexpected"), error.message)


def _refused(client_for: ClientFor, key_type: str, error: Unauthorized) -> ProbeResult:
    accepted = next((other for other in _NAMES if other != key_type and _accepts(client_for, other)), None)
    if accepted is None:
        return ProbeResult("refused", error.message)
    message = f"Apple accepts it as {_NAMES[accepted]}: change the key type."
    return ProbeResult("refused", message, suggestion=accepted)


def _accepts(client_for: ClientFor, key_type: str) -> bool:
    """Whether Apple knows the key as this type, be its role as weak as it may."""
    try:
        client = client_for(key_type)
    except ValueError:
        return False
    with client:
        try:
            client.get(*_question(key_type))
        except Forbidden:
            return True
        except AppStoreConnectError:
            return False
        return True
