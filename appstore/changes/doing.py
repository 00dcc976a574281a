"""One change run while it is carried out: what its steps work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from appstore.client.client import AppStoreConnectClient
from appstore.collections import COLLECTIONS
from appstore.links import Linker
from appstore.mirror import write_page
from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from appstore.sweeping import mark_gone
from appstore.sync import require_key
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models import ApiToken

# They stand for the certificate that this very run has made, and for a bundle ID that it has registered.
MADE, REGISTERED = "made", "registered"


def registered(identifier: str) -> str:
    return f"{REGISTERED}:{identifier}"


def ordered_by(run: SyncRun) -> Actor:
    """Whose doing it is: CredHub's own where it ordered it, else that of a person or of an API token. One who is gone,
    and a token that was revoked since, may do nothing."""
    if run.order.get("by_credhub"):
        return SYSTEM
    if token_id := run.order.get("by_token"):
        return Actor(token=ApiToken.objects.still_there(token_id))
    return Actor(user=run.requested_by)


@dataclass
class Doing:
    run: SyncRun
    key: AppStoreConnectKey
    client: AppStoreConnectClient

    @property
    def team(self) -> DeveloperTeam:
        return self.run.mirrored_team

    @property
    def actor(self) -> Actor:
        return ordered_by(self.run)

    @property
    def report(self) -> list[dict[str, Any]]:
        """What came of each step so far."""
        found: list[dict[str, Any]] = self.run.cursor.setdefault("report", [])
        return found

    @property
    def memory(self) -> dict[str, Any]:
        """What the step that is under way noted; it outlives the worker."""
        found: dict[str, Any] = self.run.cursor.setdefault("memory", {})
        return found

    def certificates_of(self, step: dict[str, Any]) -> list[str]:
        """Apple's ids."""
        made = str(self.run.cursor.get(MADE, ""))
        return [made if each == MADE else str(each) for each in step["certificates"]]

    def bundle_id_of(self, step: dict[str, Any]) -> str:
        """Apple's id."""
        mark, _, identifier = str(step["bundle_id"]).partition(":")
        return str(self.run.cursor.get(REGISTERED, {}).get(identifier, "")) if mark == REGISTERED else mark

    def note(self, **values: Any) -> None:
        """Written down before anything is sent, so that whoever takes over knows of it."""
        with self.run.commit():
            require_key(self.key)
            self.memory.update(values)

    @contextmanager
    def done(self, said: str, *, ok: bool = True, wrote: bool = True) -> Iterator[None]:
        """The end of a step: what it writes here, its line of the report and its event, in one commit. `wrote`: it
        changed something at Apple, or tried to."""
        with self.run.commit():
            yield
            self.report.append({"said": said, "ok": ok, "wrote": wrote})
            self.run.cursor["memory"] = {}

    # Within `done`

    def mirror(self, collection: str, resource: Any) -> Any:
        """What Apple answered, as our row. Returns the row."""
        self.mirror_all(collection, [resource])
        model = COLLECTIONS[collection].model
        return model._default_manager.get(team=self.team, apple_id=resource.id)

    def mirror_all(self, collection: str, resources: list[Any]) -> None:
        spec = COLLECTIONS[collection]
        write_page(self.run, spec, [spec.row(each) for each in resources], is_first=False)
        if collection == "profiles" and resources:
            Linker(self.team).link_found(resources)

    def forget(self, collection: str, apple_id: str) -> Any:
        """What is not at Apple any more. Returns the row, None where there was none."""
        spec = COLLECTIONS[collection]
        rows: Any = spec.model._default_manager.filter(team=self.team, apple_id=apple_id, gone_at=None)
        found = list(rows.defer(spec.file) if spec.file else rows)
        mark_gone(self.team, self.run, spec, found)
        return found[0] if found else None

    def record(self, action: audit.Action, subject: Any, **facts: Any) -> None:
        audit.record(
            self.actor,
            action,
            subject or self.team,
            organization=self.team.organization,
            with_key=self.key.key_id,
            **facts,
        )
