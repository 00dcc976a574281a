"""What a key can do, found out by using it: no endpoint tells a key's own type or role.

The questions are those that other tools found telling (FACTS B): whether it reads a list is asked for one object
of it, /v1/users only Admins may read, and Individual keys reach apps but no provisioning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .client import AppStoreConnectClient
from .endpoints import APPS, PROVISIONING, USERS, Endpoint, endpoints_for, role_for
from .errors import (
    AgreementRequired,
    AppStoreConnectError,
    Forbidden,
    InvalidRequest,
    MembershipLapsed,
    NotFound,
    RateLimited,
    RoleTooWeak,
    Unauthorized,
)
from .tokens import ENTERPRISE, INDIVIDUAL, TEAM
from .words import MAX_MESSAGE, shortened

ClientFor = Callable[[str], AppStoreConnectClient]

_OUTCOMES: list[tuple[type[AppStoreConnectError], str]] = [
    (Unauthorized, "refused"),
    (AgreementRequired, "agreement-required"),
    (MembershipLapsed, "membership-lapsed"),
    (Forbidden, "role-too-weak"),
    (RateLimited, "rate-limited"),
]
_OF_THE_TEAM = (AgreementRequired, MembershipLapsed)
_OF_THE_KEY = (Unauthorized, Forbidden)
# A no to one endpoint, after which the others are worth asking
_OF_ONE_ENDPOINT = (Forbidden, NotFound, InvalidRequest)
_NAMES = {TEAM: "a Team key", INDIVIDUAL: "an Individual key", ENTERPRISE: "an Enterprise key"}
_INDIVIDUAL_WORKS = (
    "Apple accepts the key. Individual keys cannot read certificates, identifiers and profiles: it works for "
    "uploads, and syncing needs a Team key with the Admin role."
)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What to show and to store.

    `outcome`: works, refused, role-too-weak, agreement-required, membership-lapsed, rate-limited, unreachable
    or unexpected. It is about the lists that a sync reads, and about apps for Individual keys.
    `capabilities`: names of `endpoints` → whether the key may read it, only where Apple said so clearly.
    `suggestion`: the key type that Apple accepts in place of the one that was asked for.
    """

    outcome: str
    message: str
    capabilities: dict[str, bool] = field(default_factory=dict)
    suggestion: str | None = None


def probe(client_for: ClientFor, key_type: str, *, other_types: bool = True) -> ProbeResult:
    """Asks Apple six questions at most, one after the other; never raises AppStoreConnectError.

    A key that is refused is tried as the `other_types` too: it may have been entered as the wrong one.

    `client_for(key_type)` makes the client of the same key as that type. It may raise ValueError for a type
    that it cannot serve, such as a Team key without an Issuer ID. The clients are closed here.
    """
    capabilities: dict[str, bool] = {}
    troubles: dict[str, AppStoreConnectError] = {}
    with client_for(key_type) as client:
        for endpoint in _questions(key_type):
            try:
                _ask(client, endpoint)
                capabilities[endpoint.name] = True
            except _OF_THE_TEAM as error:
                return ProbeResult(_outcome(error), error.message, capabilities)
            except AppStoreConnectError as error:
                if isinstance(error, Unauthorized) and not capabilities and not troubles:
                    return _refused(client_for, key_type if other_types else "", error)
                if isinstance(error, RoleTooWeak):
                    capabilities[endpoint.name] = False
                troubles[endpoint.name] = error
                if not isinstance(error, _OF_ONE_ENDPOINT):
                    break
    return _summed_up(key_type, capabilities, troubles)


def _questions(key_type: str) -> tuple[Endpoint, ...]:
    # Apple keeps Individual keys from all of provisioning: asking would be a request for nothing.
    return (APPS,) if key_type == INDIVIDUAL else endpoints_for(key_type)


def _ask(client: AppStoreConnectClient, endpoint: Endpoint) -> None:
    client.get(endpoint.path, {"limit": 1})


def _summed_up(
    key_type: str, capabilities: dict[str, bool], troubles: dict[str, AppStoreConnectError]
) -> ProbeResult:
    refused = [endpoint for endpoint in PROVISIONING if capabilities.get(endpoint.name) is False]
    if refused:
        return ProbeResult("role-too-weak", _too_weak(refused, key_type, capabilities), capabilities)
    needed = (APPS,) if key_type == INDIVIDUAL else PROVISIONING
    unclear = [error for endpoint in needed if (error := troubles.get(endpoint.name))]
    for error in unclear:
        if isinstance(error, _OF_THE_KEY) or not any(capabilities.values()):
            return ProbeResult(_outcome(error), error.message, capabilities)
    if key_type == INDIVIDUAL:
        known = {endpoint.name: False for endpoint in PROVISIONING}
        return ProbeResult("works", _INDIVIDUAL_WORKS, known | capabilities)
    role = {True: " It has the Admin role.", False: " It can sync, its role is not Admin.", None: ""}
    message = f"Apple accepts the key.{role[capabilities.get(USERS.name)]}"
    if unclear:  # A sync finds out, and has the patience for it.
        message += f" Not everything could be asked: {unclear[0].message}"
    return ProbeResult("works", shortened(message, MAX_MESSAGE), capabilities)


def _too_weak(refused: list[Endpoint], key_type: str, capabilities: dict[str, bool]) -> str:
    *others, last = [endpoint.noun for endpoint in refused]
    names = f"{', '.join(others)} and {last}" if others else last
    uploads = " This one still works for uploads." if capabilities.get(APPS.name) else ""
    return (
        f"Apple accepts the key, but its role may not read {names}. To sync them, add a key with the role "
        f"{role_for(refused[0], key_type)}.{uploads}"
    )


def _outcome(error: AppStoreConnectError) -> str:
    found = next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), None)
    return found or ("unreachable" if error.transient else "unexpected")


def _refused(client_for: ClientFor, key_type: str, error: Unauthorized) -> ProbeResult:
    others = [other for other in _NAMES if other != key_type] if key_type else []
    accepted = next((other for other in others if _accepts(client_for, other)), None)
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
            _ask(client, _questions(key_type)[0])
        except Forbidden:
            return True
        except AppStoreConnectError:
            return False
        return True
