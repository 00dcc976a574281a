"""Signing assets as the API's contract has them, from a stub.

To be replaced at integration: on this branch the API has no signing assets yet.
"""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.cli.conftest import Adapter

APP, SHARE = "com.acme.app", "com.acme.app.share"
P12, PASSWORD = b"\x30\x82 a p12", 'fresh "random" pass\\word'
KEYSTORE, STORE_PASSWORD = b"\xfe\xed\xfe\xed a keystore", " #1: grün=\\"
SHA1 = "5d1a4f00c0ffee5d1a4f00c0ffee5d1a4f00c0ff"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def profile(bundle_id: str, number: int) -> dict[str, Any]:
    uuid = f"0000000{number}-3d4e-4f50-8a6b-7c8d9e0f1a2b"
    return {
        "bundle_id": bundle_id, "name": f"Acme {number}", "uuid": uuid, "profile_type": "IOS_APP_STORE",
        "expiration_date": "2027-11-01T09:00:00Z", "file_name": f"{uuid}.mobileprovision",
        "content": b64(f"profile {number}".encode()), "rule": "The only one.",
    }  # fmt: skip


def assets(bundle_ids: list[str]) -> dict[str, Any]:
    return {
        "distribution": "app-store", "platform": "IOS", "team_id": "ABCDE12345", "team_name": "Acme Inc.",
        "identity": {
            "credential_id": "c4b5a697-8d7e-4f60-9152-33445566770a", "certificate_type": "DISTRIBUTION",
            "name": "Apple Distribution: Acme Inc. (ABCDE12345)", "serial_number": "1A2B", "sha1": SHA1, "sha256": "00",
            "expiration_date": "2027-11-01T09:00:00Z", "p12": b64(P12), "p12_password": PASSWORD,
            "rule": "It is assigned to the app.",
        },
        "profiles": [profile(each, number) for number, each in enumerate(bundle_ids, 1)],
        "export_options": '<?xml version="1.0"?><plist/>', "problems": ["3 enabled devices are not in it."],
    }  # fmt: skip


def keystore() -> dict[str, Any]:
    return {
        "application_id": APP,
        "keystore": {
            "credential_id": "c4b5a697-8d7e-4f60-9152-33445566770b", "name": "Release", "type": "JKS",
            "content": b64(KEYSTORE), "file_name": "release.jks", "password": STORE_PASSWORD, "alias": "release",
            "key_password": "another", "sha1": "AA", "sha256": "BB", "rule": "It is assigned to the app.",
        },
    }  # fmt: skip


def sync(state: str, said: str = "Makes a profile.") -> dict[str, Any]:
    step = {"QUEUED": "todo", "RUNNING": "now", "SUCCEEDED": "done", "FAILED": "refused"}[state]
    return {
        "id": "e7d6c5b4-a392-4817-b60f-5e4d3c2b1a0f", "kind": "CHANGE", "title": "Acme", "state": state, "counts": {},
        "report": [{"state": step, "said": said}], "error_code": "apple" if state == "FAILED" else "",
        "error_message": "Apple refused it." if state == "FAILED" else "", "finished_at": None,
    }  # fmt: skip


class Stub(Adapter):
    """`states`: what the run that `ensure` begins is found in, one after the other; none: nothing is to be done."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[str] = []
        self.refusal: tuple[int, str, str] | None = None
        self.names: dict[str, str] = {}  # of files, as a broken server would give them

    def queries(self, path: str) -> list[dict[str, list[str]]]:
        found = [urlsplit(str(each.url)) for each in self.asked]
        return [parse_qs(each.query) for each in found if each.path == f"/api/v1{path}"]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        status, body = self.told(request)
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()

    def told(self, request: requests.PreparedRequest) -> tuple[int, dict[str, Any]]:
        url = urlsplit(str(request.url))
        path, query = url.path.removeprefix("/api/v1"), parse_qs(url.query)
        if self.refusal:
            status, code, detail = self.refusal
            return status, {"code": code, "detail": detail, "request_id": "r-1"}
        if path.startswith("/syncs/"):
            return 200, sync(self.states.pop(0))
        if path == "/signing-assets" and "ensure" in query and self.states:
            return 202, {"sync": sync("QUEUED"), "plan": ["A profile is made."]}
        if path == "/signing-assets":
            found = assets(query["bundle_id"])
            for each in found["profiles"]:
                each["file_name"] = self.names.get(each["bundle_id"], each["file_name"])
            return 200, found
        if path == "/signing-assets/android":
            return 200, keystore()
        if path == "/apps":
            apps = [{"id": "app-1", "identifier": APP, "platform": "IOS"}]
            return 200, {
                "items": [each for each in apps if [each["identifier"]] == query["identifier"]],
                "next_cursor": None,
            }
        assert path == "/apps/app-1/ensure"
        dry = json.loads(request.body or b"")["dry_run"]
        return (200 if dry else 202), {
            "plan": ["A profile is made."],
            "steps": 1,
            "sync": None if dry else sync("QUEUED"),
        }
