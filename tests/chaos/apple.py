"""The product's sandbox in a process of its own, by its control API and, while it is down, by its state file."""

import json
import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from appstore.sandbox.model import Resource
from appstore.sandbox.registry import Registry
from appstore.sandbox.server import STATE_FILE
from tests.chaos.population import Account, in_one_go
from tests.chaos.processes import Process
from tests.chaos.request_record import RequestRecord
from tests.chaos.trace import COLLECTIONS
from tests.process.house import wait_for

Objects = dict[str, dict[str, list[dict[str, Any]]]]  # team → collection → objects


class Apple:
    """`first_removed`: Apple's id → when it first ceased to be listed."""

    def __init__(self, process: Process, port: int, data_dir: Path) -> None:
        self._process, self._data_dir = process, data_dir
        # By name and not by number, so that only these two are reached without the proxy (elsewhere.py)
        self.url, self.enterprise_url = f"http://localhost:{port}", f"http://localhost:{port + 1}"
        self.record = RequestRecord(self._control("requests"))
        self.first_removed: dict[str, datetime] = {}
        self._taken: list[tuple[str, Resource]] = []  # what a restart brings back

    def _control(self, path: str) -> str:
        return f"{self.url}/_sandbox/{path}"

    def wait(self) -> None:
        wait_for(self._answers, "the sandbox", self._process.log)

    def _answers(self) -> bool:
        try:
            return requests.get(self._control("health"), timeout=10).ok
        except requests.RequestException:
            return False

    # Faults

    def inject(self, **fault: Any) -> bool:
        """False where the sandbox does not know such a fault."""
        answer = requests.post(self._control("faults"), json=fault, timeout=60)
        if answer.status_code == 400:
            return False
        answer.raise_for_status()
        return True

    def clear_faults(self) -> int:
        """How many had struck nobody until then."""
        waiting = len(requests.get(self._control("state"), timeout=60).json()["faults"])
        requests.delete(self._control("faults"), timeout=60).raise_for_status()
        return waiting

    # Objects come and go

    def remove(self, team_id: str, chance: random.Random) -> bool:
        """Take one object away, by the control API. False where the team has few left."""
        collection = chance.choice(list(COLLECTIONS))
        found = self.objects()[team_id][collection]
        if len(found) < 5:
            return False
        apple_id = chance.choice(found)["id"]
        self.first_removed.setdefault(apple_id, datetime.now(UTC))  # before anybody could see it
        answer = requests.delete(self._control(f"teams/{team_id}/{collection}/{apple_id}"), timeout=60)
        answer.raise_for_status()
        return True

    def restart(self, accounts: list[Account], chance: random.Random) -> int:
        """Away for some seconds; back with new objects, without some, and with one that was away. How many."""
        self.record.collect()
        self._process.stop()
        self.record.forget()
        registry = Registry(self._data_dir / STATE_FILE)
        changes = 0
        with in_one_go(registry):
            for team_id, resource in self._taken:
                registry._state.add(team_id, resource)
            changes += len(self._taken)
            self._taken = []
            for account in chance.sample(accounts, min(4, len(accounts))):
                registry.add_device(account.team)
                registry.add_bundle_id(account.team, f"com.chaos.{chance.getrandbits(40):x}")
                self._take(registry, account, chance)
                changes += 3
        self._process.start()
        self.wait()
        return changes

    def _take(self, registry: Registry, account: Account, chance: random.Random) -> None:
        team_id = account.team.team_id
        resource = chance.choice(list(registry._state.collections[team_id]["devices"].values()))
        registry.remove(account.team, "devices", resource.id)
        self.first_removed.setdefault(resource.id, datetime.now(UTC))
        self._taken.append((team_id, resource))

    def objects(self) -> Objects:
        """Everything that it lists by now, as its state file has it."""
        document = json.loads((self._data_dir / STATE_FILE).read_bytes())
        found: Objects = {}
        for team_id, objects in document["objects"].items():
            by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for each in objects:
                by_type[each["type"]].append(each)
            found[team_id] = by_type
        return found
