"""The client of one key: Apple's lists of certificates, profiles, bundle IDs and devices.

https://developer.apple.com/documentation/appstoreconnectapi
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

import requests

from .errors import UnexpectedAnswer
from .json_values import MAX_INCLUDED
from .origin import Origin
from .paging import Page, page_from_answer, walk
from .rate_limit import RateLimit
from .resources import BundleId, Certificate, Device, Profile, capability_types
from .tokens import TokenMinter
from .transport import Gate, Transport, new_session

APP_STORE_CONNECT_URL = "https://api.appstoreconnect.apple.com"
ENTERPRISE_URL = "https://api.enterprise.developer.apple.com"

MAX_LIMIT = 200
TOTAL_TIMEOUT = 60.0

Params = Mapping[str, str | int]

# What changes of an object that is known already; its file never does.
_CERTIFICATE_FACTS = "name,certificateType,displayName,serialNumber,platform,expirationDate,activated"
_PROFILE_FACTS = "name,platform,profileType,profileState,uuid,createdDate,expirationDate"
_PROFILE_RELATIONS: dict[str, str | int] = {
    "include": "bundleId,certificates,devices",
    # Ids are all that is needed of them, and an attribute each is the least that can be asked for.
    "fields[bundleIds]": "identifier",
    "fields[certificates]": "serialNumber",
    "fields[devices]": "udid",
    "limit[certificates]": MAX_INCLUDED,
    "limit[devices]": MAX_INCLUDED,
}
_CAPABILITIES = {"fields[bundleIdCapabilities]": "capabilityType"}

Resource = TypeVar("Resource")


@dataclass(frozen=True, slots=True)
class ResourcePage(Generic[Resource]):
    """One page of objects; save `next_url` to go on from here after a restart."""

    items: list[Resource]
    next_url: str | None
    total: int | None
    rate_limit: RateLimit


class AppStoreConnectClient:
    """Every method raises AppStoreConnectError for whatever goes wrong at Apple or on the way (see `errors`).

    Only a 401 is retried, once, with a new token. A session that is passed in (see `new_session`) stays open
    on `close()`. For one thread at a time.
    """

    def __init__(
        self,
        base_url: str,
        minter: TokenMinter,
        *,
        session: requests.Session | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 30,
        max_bytes: int = 10 * 1024 * 1024,
        total_timeout: float = TOTAL_TIMEOUT,
        gate: Gate | None = None,
    ) -> None:
        self._origin = Origin(base_url)
        self._session = session or new_session()
        self._owns_session = session is None
        self._transport = Transport(
            self._origin,
            minter,
            self._session,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            total_timeout=total_timeout,
            max_bytes=max_bytes,
            gate=gate,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections, unless the session was passed in."""
        if self._owns_session:
            self._session.close()

    @property
    def clock_skew(self) -> timedelta | None:
        """Our clock minus Apple's, to about a second, from the last answer; None before the first."""
        return self._transport.clock_skew

    def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """The JSON document at an API path such as /v1/apps."""
        return self._transport.get(self._origin.url(path), params).document

    def page(self, collection_path: str, params: Params | None = None, url: str | None = None) -> Page:
        """One page. A saved next link is used alone: Apple refuses parameters that come twice."""
        if url is not None:
            answer = self._transport.get(self._origin.own(url))
        else:
            answer = self._transport.get(self._origin.url(collection_path), params)
        return page_from_answer(answer, self._origin)

    def pages(self, path: str, params: Params | None = None, start_url: str | None = None) -> Iterator[Page]:
        """All pages from the first, or from a saved next link, one request each as they are asked for."""
        return walk(lambda: self.page(path, params), lambda url: self.page(path, url=url), start_url)

    def certificates(
        self, start_url: str | None = None, limit: int = MAX_LIMIT, *, files: bool = True
    ) -> Iterator[ResourcePage[Certificate]]:
        """`files=False`: without `certificateContent`, for those that are known."""
        params: dict[str, str | int] = {"limit": limit}
        if not files:
            params["fields[certificates]"] = _CERTIFICATE_FACTS
        return self._resources("/v1/certificates", params, start_url, Certificate.from_json)

    def profiles(
        self, start_url: str | None = None, limit: int = MAX_LIMIT, *, files: bool = True
    ) -> Iterator[ResourcePage[Profile]]:
        """`files=False`: without `profileContent` and relationships, for those that are known."""
        params: dict[str, str | int] = {"limit": limit}
        params |= _PROFILE_RELATIONS if files else {"fields[profiles]": _PROFILE_FACTS}
        return self._resources("/v1/profiles", params, start_url, Profile.from_json)

    def certificates_of(self, ids: Iterable[str]) -> Iterator[ResourcePage[Certificate]]:
        """These, whole, 200 a request. What is not there any more is missing."""
        return self._those("/v1/certificates", ids, {}, Certificate.from_json)

    def profiles_of(self, ids: Iterable[str]) -> Iterator[ResourcePage[Profile]]:
        """These, whole, 200 a request. What is not there any more is missing."""
        return self._those("/v1/profiles", ids, _PROFILE_RELATIONS, Profile.from_json)

    def bundle_ids(
        self, start_url: str | None = None, limit: int = MAX_LIMIT
    ) -> Iterator[ResourcePage[BundleId]]:
        """With their capabilities, which come with the list for no request more."""
        params = {"limit": limit, "include": "bundleIdCapabilities", **_CAPABILITIES}
        for page in self.pages("/v1/bundleIds", params, start_url):
            types = capability_types(page.included)
            items = [BundleId.from_json(item, types) for item in page.data]
            yield ResourcePage(items, page.next_url, page.total, page.rate_limit)

    def devices(self, start_url: str | None = None, limit: int = MAX_LIMIT) -> Iterator[ResourcePage[Device]]:
        return self._resources("/v1/devices", {"limit": limit}, start_url, Device.from_json)

    def certificate(self, certificate_id: str) -> Certificate:
        return Certificate.from_json(self._one("/v1/certificates", certificate_id))

    def profile(self, profile_id: str) -> Profile:
        return Profile.from_json(self._one("/v1/profiles", profile_id, _PROFILE_RELATIONS))

    def _resources(
        self,
        path: str,
        params: Params,
        start_url: str | None,
        from_json: Callable[[Mapping[str, Any]], Resource],
    ) -> Iterator[ResourcePage[Resource]]:
        for page in self.pages(path, params, start_url):
            items = [from_json(item) for item in page.data]
            yield ResourcePage(items, page.next_url, page.total, page.rate_limit)

    def _those(
        self,
        path: str,
        ids: Iterable[str],
        params: Params,
        from_json: Callable[[Mapping[str, Any]], Resource],
    ) -> Iterator[ResourcePage[Resource]]:
        wanted = list(ids)
        for start in range(0, len(wanted), MAX_LIMIT):
            some = {"filter[id]": ",".join(wanted[start : start + MAX_LIMIT]), "limit": MAX_LIMIT, **params}
            yield from self._resources(path, some, None, from_json)

    def _one(self, path: str, object_id: str, params: Params | None = None) -> dict[str, Any]:
        data = self.get(f"{path}/{quote(object_id, safe='')}", params).get("data")
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise UnexpectedAnswer(
                "The answer is not one of Apple's objects. Check the configured address and proxy.",
                status=200,
            )
        return data
