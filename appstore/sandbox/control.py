"""The control API under /_sandbox/, by which other processes on this machine run a sandbox."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appstore.sandbox.exchange import Answer, Call
from appstore.sandbox.faults import Fault

if TYPE_CHECKING:
    from appstore.sandbox.server import Sandbox

PREFIX = "/_sandbox/"
Fields = Mapping[str, type | tuple[type, ...]]
_TEAM: Fields = {
    "name": str,
    "program": str,
    "certificates": int,
    "profiles": int,
    "bundle_ids": int,
    "devices": int,
    "seed": int,
}
_KEY: Fields = {"team_id": str, "role": str, "kind": str}
_END: Fields = {"days": int}
_FAULT: Fields = {
    "path": str,
    "status": int,
    "kind": str,
    "times": (int, type(None)),
    "key_id": str,
    "delay": (int, float),
    "retry_after": int,
    "after": int,
    "method": str,
}


class Control:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def answer(self, call: Call) -> Answer:
        if not _is_local(call):
            return _json(403, {"error": "The control API answers programs on this machine only"})
        action = self._action(call.method, call.path.removeprefix(PREFIX).split("/"))
        if action is None:
            return _json(404, {"error": f"There is no {call.method} {call.path}"})
        try:
            return action(call)
        except KeyError as error:
            return _json(404, {"error": f"There is no {error.args[0]}"})
        except (ValueError, TypeError) as error:
            return _json(400, {"error": str(error)})

    def _action(self, method: str, path: list[str]) -> Callable[[Call], Answer] | None:
        sandbox = self._sandbox
        match method, path:
            case "DELETE", ["keys", key_id]:
                return lambda _: _done(lambda: sandbox.revoke_key(key_id))
            case "DELETE", ["teams", team_id, collection, object_id]:
                return lambda _: _done(lambda: sandbox.remove(team_id, collection, object_id))
            case "POST", ["teams", team_id, collection, object_id, "end"]:
                return lambda call: self._move_end(call, team_id, collection, object_id)
            case _, [name]:
                return self._simple.get((method, name))
        return None

    @property
    def _simple(self) -> Mapping[tuple[str, str], Callable[[Call], Answer]]:
        """The actions whose path is one word."""
        return {
            ("GET", "health"): lambda _: _json(200, {"status": "ok"}),
            ("GET", "state"): lambda _: _json(200, self._state()),
            ("GET", "requests"): lambda _: _json(200, self._requests()),
            ("DELETE", "requests"): lambda _: _done(self._sandbox.requests.clear),
            ("POST", "teams"): self._add_team,
            ("POST", "keys"): self._add_key,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: _done(self._sandbox.clear_faults),
        }

    def _requests(self) -> dict[str, Any]:
        return {"requests": [asdict(each) for each in list(self._sandbox.requests)]}

    def _state(self) -> dict[str, Any]:
        """Everything: a sandbox holds no secrets, for it has given the private keys away."""
        return {
            "url": self._sandbox.url,
            "enterprise_url": self._sandbox.enterprise_url,
            "teams": [
                {
                    **asdict(team),
                    "objects": self._sandbox.counts(team),
                    "keys": [
                        {"key_id": key.key_id, "role": key.role, "kind": key.kind, "revoked": key.revoked}
                        for key in self._sandbox.keys
                        if key.team_id == team.team_id
                    ],
                }
                for team in self._sandbox.teams
            ],
            "faults": [_fault(each) for each in self._sandbox.faults],
        }

    def _add_team(self, call: Call) -> Answer:
        return _json(201, asdict(self._sandbox.add_team(**_fields(call.body, _TEAM))))

    def _add_key(self, call: Call) -> Answer:
        fields = _fields(call.body, _KEY)
        issued = self._sandbox.add_key(fields.pop("team_id", ""), **fields)
        return _json(201, {**asdict(issued), "p8": issued.p8.decode()})

    def _move_end(self, call: Call, team_id: str, collection: str, object_id: str) -> Answer:
        days = _fields(call.body, _END).get("days", -1)
        return _json(200, self._sandbox.move_end(team_id, collection, object_id, days=days))

    def _add_fault(self, call: Call) -> Answer:
        return _json(201, _fault(self._sandbox.inject(**_fields(call.body, _FAULT))))


def _is_local(call: Call) -> bool:
    """From this machine, and not from a web page in a browser on it, under whatever name it reached us."""
    if "origin" in {name.lower() for name in call.headers} or not ip_address(call.peer).is_loopback:
        return False
    try:
        host = urlsplit(call.base).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _fields(body: bytes, known: Fields) -> dict[str, Any]:
    """The known members of a JSON object, each of its type; ValueError or TypeError for anything else."""
    document = json.loads(body or b"{}")
    if not isinstance(document, dict):
        raise TypeError("The body must be a JSON object")
    for name, value in document.items():
        if name not in known:
            raise ValueError(f"Unknown member {name!r}; known are: {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise TypeError(f"{name!r} has the wrong type")
    return document


def _fault(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


def _done(action: Callable[[], None]) -> Answer:
    action()
    return Answer(204)


def _json(status: int, document: object) -> Answer:
    return Answer(status, json.dumps(document, indent=1).encode())
