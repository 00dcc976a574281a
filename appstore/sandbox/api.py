"""One of the two APIs: from a request to Apple's answer."""

import json
import time
from collections.abc import Mapping
from random import SystemRandom
from threading import Event

from appstore.sandbox import auth, errors
from appstore.sandbox.catalog import CATALOGS
from appstore.sandbox.damage import spoil_body, spoil_page
from appstore.sandbox.documents import Documents
from appstore.sandbox.errors import ApiError
from appstore.sandbox.exchange import Answer, Call
from appstore.sandbox.faults import Fault, FaultKind, Faults
from appstore.sandbox.model import Key, Program
from appstore.sandbox.query import Shape, parse
from appstore.sandbox.ratelimit import RateLimit
from appstore.sandbox.rendering import Document, Renderer
from appstore.sandbox.roles import Access
from appstore.sandbox.routes import READS, Target, operation, resolve
from appstore.sandbox.state import State
from appstore.sandbox.view import View
from appstore.sandbox.writing.desk import Desk
from appstore.sandbox.writing.writes import STATUSES, write


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
        certificate_limits: Mapping[str, int],
    ) -> None:
        self._program, self._state, self._faults, self._rate = program, state, faults, rate
        self._stopping, self._latency = stopping, latency
        self._certificate_limits = certificate_limits
        self._catalog = CATALOGS[program]
        self._random = SystemRandom()

    def answer(self, call: Call) -> Answer | None:
        """Apple's answer, or None for a connection that is to be dropped without one."""
        self._stopping.wait(self._latency)
        fault = self._faults.strike(call.method, call.path, auth.claimed_key_id(call.authorization))
        if fault is None:
            return self._answer(call, None)
        if fault.kind is FaultKind.HANG:
            self._stopping.wait(fault.delay or None)
            return None
        if fault.kind is not FaultKind.DRIP:  # whose delay is between its pieces
            self._stopping.wait(fault.delay)
        if fault.kind is FaultKind.BAD_GATEWAY:
            return Answer(fault.status, errors.HTML_502, _retry(fault), "text/html")
        answer = self._answer(call, fault)
        return None if fault.kind is FaultKind.LOST_ANSWER else answer

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        key = self._authenticate(call)
        remaining = self._rate.spend(key.key_id) if key else None
        try:
            status, document = self._do(call, key, remaining, fault)
        except ApiError as error:
            answer = Answer(error.status, error.body)
        else:
            content = json.dumps(document, indent=1, ensure_ascii=False).encode() if document else b""
            answer = Answer(status, content)
        if fault is not None:
            answer.headers |= _retry(fault)
            spoil_body(fault, answer, self._stopping)
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

    def _do(
        self, call: Call, key: Key | None, remaining: int | None, fault: Fault | None
    ) -> tuple[int, Document | None]:
        refusal = fault.error(key.team_id if key else "") if fault else None
        if refusal is not None:
            raise refusal
        if key is None:
            raise errors.not_authorized()
        if remaining is None:
            raise errors.rate_limit_exceeded()
        target = resolve(call.method, call.path, self._catalog)
        name = operation(call.method, target)
        if not Access.of(key).may_read(target.owner.name):
            raise errors.role_forbidden()
        if name not in READS:
            return self._write(call, key, target, name)
        document = self._read(call, key, target)
        if fault is not None:
            spoil_page(fault.kind, document)
        return 200, document

    def _read(self, call: Call, key: Key, target: Target) -> Document:
        """The document that a read asks for."""
        access = Access.of(key)
        answers = self._catalog.types[target.answers]
        pages = target.relationship is None or target.relationship[1].pages
        if not access.may_read(answers.name):
            raise errors.role_forbidden()
        query = parse(call.raw_query, self._catalog, answers, target.shape, pages=pages)
        for name in query.include:
            if not access.may_read(answers.relationships[name].target):
                raise errors.role_forbidden()
        with self._state.lock:
            view = View(self._state.collections[key.team_id], access.sees)
            render = Renderer(call.base, self._catalog, view, query)
            return _found(target, Documents(call.path, call.raw_query, render))

    def _write(self, call: Call, key: Key, target: Target, operation: str) -> tuple[int, Document | None]:
        """What a write makes of an object. It takes no parameters."""
        query = parse(call.raw_query, self._catalog, target.owner, Shape.LINKAGE_ONE)
        with self._state.lock:
            team = self._state.teams[key.team_id]
            desk = Desk(self._state, team, key, self._random, self._certificate_limits)
            made = write(desk, operation, target, call.body)
            if made is None:
                return STATUSES[operation], None
            view = View(self._state.collections[key.team_id], Access.of(key).sees)
            render = Renderer(call.base, self._catalog, view, query)
            path = f"/v1/{made.type}/{made.id}"
            return STATUSES[operation], Documents(path, "", render).instance(made)


def _found(target: Target, documents: Documents) -> Document:
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
