"""What one key reads: Apple's lists of certificates, profiles, bundle IDs and devices, and single objects."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

import requests

from .errors import UnexpectedAnswer
from .json_values import MAX_INCLUDED
from .listing import MAX_LIMIT, Params, listing
from .origin import Origin
from .paging import Page, page_from_answer, walk
from .resources import BundleId, Capability, Certificate, Device, Profile, capability_types
from .tokens import TokenMinter
from .transport import Gate, Transport, new_session

TOTAL_TIMEOUT = 60.0

# What changes of an object that is known already; its file never does.
_CERTIFICATE_FACTS = "name,certificateType,displayName,serialNumber,platform,expirationDate"
_PROFILE_FACTS = "name,platform,profileType,profileState,uuid,createdDate,expirationDate"
_CAPABILITIES = {"include": "bundleIdCapabilities", "fields[bundleIdCapabilities]": "capabilityType"}
_PROFILE_RELATIONS: dict[str, str | int] = {
    "include": "bundleId,certificates,devices",
    # Ids are all that is needed of them, and an attribute each is the least that can be asked for.
    "fields[bundleIds]": "identifier",
    "fields[certificates]": "serialNumber",
    "fields[devices]": "udid",
    "limit[certificates]": MAX_INCLUDED,
    "limit[devices]": MAX_INCLUDED,
}

Resource = TypeVar("Resource")


class ResourcePage(Generic[Resource]):
    """One page of objects; save `next_url` to go on from here after a restart.

    `complete` is on the last page alone: nothing was missing and nothing came twice (see `paging.walk`).
    """

    def __init__(self, page: Page, from_json: Callable[[Mapping[str, Any]], Resource]) -> None:
        self.next_url, self.total = page.next_url, page.total
        self.rate_limit, self.complete = page.rate_limit, page.complete
        self._data, self._from_json = page.data, from_json

    @cached_property
    def items(self) -> list[Resource]:
        """Made when they are asked for: whoever fetches a list sends the next request before that."""
        data, self._data = self._data, []
        return [self._from_json(item) for item in data]


class ReadingClient:
    """The reading half of AppStoreConnectClient.

    The lists take a saved next link as `start_url`, and with it the ids of the pages before as `seen`: these
    come no second time, and only with them a list can be known to be complete.
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
        self,
        start_url: str | None = None,
        limit: int = MAX_LIMIT,
        seen: Collection[str] = (),
        *,
        files: bool = True,
    ) -> Iterator[ResourcePage[Certificate]]:
        """`files=False`: without `certificateContent`, for those that are known."""
        params = {} if files else {"fields[certificates]": _CERTIFICATE_FACTS}
        return self._resources("/v1/certificates", params, start_url, limit, seen, Certificate.from_json)

    def profiles(
        self,
        start_url: str | None = None,
        limit: int = MAX_LIMIT,
        seen: Collection[str] = (),
        *,
        files: bool = True,
    ) -> Iterator[ResourcePage[Profile]]:
        """`files=False`: without `profileContent` and relationships, for those that are known."""
        params = _PROFILE_RELATIONS if files else {"fields[profiles]": _PROFILE_FACTS}
        return self._resources("/v1/profiles", params, start_url, limit, seen, Profile.from_json)

    def certificates_of(self, ids: Iterable[str]) -> Iterator[ResourcePage[Certificate]]:
        """These, whole, 200 a request. What is not there any more is missing."""
        return self._those("/v1/certificates", ids, {}, Certificate.from_json)

    def profiles_of(self, ids: Iterable[str]) -> Iterator[ResourcePage[Profile]]:
        """These, whole, 200 a request. What is not there any more is missing."""
        return self._those("/v1/profiles", ids, _PROFILE_RELATIONS, Profile.from_json)

    def bundle_ids(
        self, start_url: str | None = None, limit: int = MAX_LIMIT, seen: Collection[str] = ()
    ) -> Iterator[ResourcePage[BundleId]]:
        """With their capabilities, which come with the list for no request more."""
        for page in self._pages("/v1/bundleIds", _CAPABILITIES, start_url, limit, seen):
            types = capability_types(page.included)
            yield ResourcePage(page, partial(BundleId.from_json, capabilities=types))

    def devices(
        self, start_url: str | None = None, limit: int = MAX_LIMIT, seen: Collection[str] = ()
    ) -> Iterator[ResourcePage[Device]]:
        return self._resources("/v1/devices", {}, start_url, limit, seen, Device.from_json)

    def capabilities_of(self, bundle_id: str) -> list[Capability]:
        """The capabilities of a bundle ID, by its Apple id. Apple refuses `limit` here."""
        path = object_path("/v1/bundleIds", bundle_id) + "/bundleIdCapabilities"
        return [Capability.from_json(item) for page in self.pages(path) for item in page.data]

    def certificate(self, certificate_id: str) -> Certificate:
        return Certificate.from_json(self._one("/v1/certificates", certificate_id))

    def profile(self, profile_id: str) -> Profile:
        return Profile.from_json(self._one("/v1/profiles", profile_id, _PROFILE_RELATIONS))

    def bundle_id(self, bundle_id: str) -> BundleId:
        return BundleId.from_json(self._one("/v1/bundleIds", bundle_id))

    def device(self, device_id: str) -> Device:
        return Device.from_json(self._one("/v1/devices", device_id))

    def _resources(
        self,
        path: str,
        params: Params,
        start_url: str | None,
        limit: int,
        seen: Collection[str],
        from_json: Callable[[Mapping[str, Any]], Resource],
    ) -> Iterator[ResourcePage[Resource]]:
        for page in self._pages(path, params, start_url, limit, seen):
            yield ResourcePage(page, from_json)

    def _those(
        self,
        path: str,
        ids: Iterable[str],
        params: Params,
        from_json: Callable[[Mapping[str, Any]], Resource],
    ) -> Iterator[ResourcePage[Resource]]:
        wanted = list(ids)
        for start in range(0, len(wanted), MAX_LIMIT):
            some = {"filter[id]": ",".join(wanted[start : start + MAX_LIMIT]), **params}
            yield from self._resources(path, some, None, MAX_LIMIT, (), from_json)

    def _pages(
        self, path: str, params: Params, start_url: str | None, limit: int, seen: Collection[str]
    ) -> Iterator[Page]:
        return listing(
            lambda more: self.page(path, {**params, **more}),
            lambda url: self.page(path, url=url),
            limit,
            start_url,
            seen,
        )

    def _one(self, path: str, object_id: str, params: Params | None = None) -> dict[str, Any]:
        return one_object(self.get(object_path(path, object_id), params))


def object_path(collection_path: str, object_id: str) -> str:
    return f"{collection_path}/{quote(object_id, safe='')}"


def one_object(document: Mapping[str, Any]) -> dict[str, Any]:
    """The object in an answer that holds one; UnexpectedAnswer where it does not."""
    data = document.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise UnexpectedAnswer(
            "The answer is not one of Apple's objects. Check the configured address and proxy.",
            status=200,
        )
    return data
