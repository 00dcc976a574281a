"""One of the two APIs: from a request to Apple's answer."""

import json
import time
from threading import Event

from appstore.sandbox import auth, errors
from appstore.sandbox.catalog import CATALOGS
from appstore.sandbox.documents import Documents
from appstore.sandbox.errors import ApiError
from appstore.sandbox.exchange import Answer, Call
from appstore.sandbox.faults import Fault, FaultKind, Faults
from appstore.sandbox.model import Key, Program
from appstore.sandbox.query import Shape, parse
from appstore.sandbox.ratelimit import RateLimit
from appstore.sandbox.rendering import Document, Renderer
from appstore.sandbox.roles import Access
from appstore.sandbox.routes import Target, operation, resolve
from appstore.sandbox.state import State
from appstore.sandbox.view import View


class Api:
    """Answers calls for one program. `stopping` ends every wait early."""

    def __init__(
        self,
        program: Program,
        *,
        state: State,
        faults: Faults,
        rate: RateLimit,
        stopping: Event,
        latency: float,
    ) -> None:
        self._program, self._state, self._faults, self._rate = program, state, faults, rate
        self._stopping, self._latency = stopping, latency
        self._catalog = CATALOGS[program]

    def answer(self, call: Call) -> Answer | None:
        """Apple's answer, or None for a connection that is to be dropped without one."""
        self._stopping.wait(self._latency)
        fault = self._faults.strike(call.path, auth.claimed_key_id(call.authorization))
        if fault is not None and fault.kind is FaultKind.HANG:
            self._stopping.wait(fault.delay or None)
            return None
        if fault is not None:
            self._stopping.wait(fault.delay)
            if fault.kind is FaultKind.BAD_GATEWAY:
                return Answer(fault.status, errors.HTML_502, _retry(fault), "text/html")
        return self._answer(call, fault)

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        key = self._authenticate(call)
        remaining = self._rate.spend(key.key_id) if key else None
        try:
            document = self._document(call, key, remaining, fault)
        except ApiError as error:
            answer = Answer(error.status, error.body)
        else:
            answer = Answer(200, json.dumps(document, indent=1, ensure_ascii=False).encode())
        if fault is not None:
            answer.headers |= _retry(fault)
            if fault.kind is FaultKind.MALFORMED:
                answer.body = answer.body[: len(answer.body) // 2]
        if key is not None and answer.status != 401:
            answer.headers["X-Rate-Limit"] = self._rate.header(remaining)
        return answer

    def _authenticate(self, call: Call) -> Key | None:
        try:
            return auth.verify(
                call.authorization,
                find=self._state.find_key,
                program=self._program,
                method=call.method,
                target=call.target,
                now=time.time(),
            )
        except auth.TokenRefusedError:
            return None

    def _document(self, call: Call, key: Key | None, remaining: int | None, fault: Fault | None) -> Document:
        refusal = fault.error(key.team_id if key else "") if fault else None
        if refusal is not None:
            raise refusal
        if key is None:
            raise errors.not_authorized()
        if remaining is None:
            raise errors.rate_limit_exceeded()
        document = self._read(call, key)
        if fault is not None and fault.kind is FaultKind.ENDLESS and "meta" in document:
            document["links"]["next"] = document["links"]["self"]
        return document

    def _read(self, call: Call, key: Key) -> Document:
        """The document that a read asks for. Writes do not get past `operation`."""
        target = resolve(call.path, self._catalog)
        access = Access.of(key)
        operation(call.method, target)
        answers = self._catalog.types[target.answers]
        pages = target.relationship is None or target.relationship[1].pages
        for collection in (target.owner.name, answers.name):
            if not access.may_read(collection):
                raise errors.role_forbidden()
        query = parse(call.raw_query, self._catalog, answers, target.shape, pages=pages)
        for name in query.include:
            if not access.may_read(answers.relationships[name].target):
                raise errors.role_forbidden()
        with self._state.lock:
            view = View(self._state.collections[key.team_id], access.sees)
            render = Renderer(call.base, self._catalog, view, query)
            return _write(target, Documents(call.path, call.raw_query, render))


def _write(target: Target, documents: Documents) -> Document:
    render = documents.render
    if target.shape is Shape.COLLECTION:
        return documents.collection(render.view.select(target.owner.name, render.query))
    owner = render.view.get(target.owner.name, target.object_id)
    if owner is None:
        raise errors.not_found(target.owner.name, target.object_id)
    if target.relationship is None:
        return documents.instance(owner)
    name, relationship = target.relationship
    related = render.view.related(owner, name, relationship)
    if relationship.many:
        write_many = documents.linkages if target.shape is Shape.LINKAGE else documents.collection
        return write_many(related)
    if not related:
        raise errors.not_found(relationship.target, "null")
    write_one = documents.linkage if target.shape is Shape.LINKAGE_ONE else documents.instance
    return write_one(related[0])


def _retry(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
