"""Asking for a change at Apple."""

import hashlib
import json
from typing import Any

from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from organizations.actors import Actor
from organizations.permissions import Permission


def order(
    actor: Actor,
    team: DeveloperTeam,
    title: str,
    steps: list[dict[str, Any]],
    *,
    key: AppStoreConnectKey | None = None,
    go_on: bool = False,
) -> SyncRun:
    """A run that takes these steps (see appstore/changes/perform.py), in this order. The very same order that still
    waits or runs is joined, so that a form that is sent twice does nothing twice.

    `go_on`: a step that Apple refuses stops only itself. Raises PermissionDenied.
    """
    actor.require(Permission.ASSET_MANAGE, team.organization)
    digest = hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()[:32]
    return SyncRun.request_change(
        actor,
        team,
        job=f"change:{team.pk}:{digest}",
        order={
            "title": title,
            "steps": steps,
            "go_on": go_on,
            "by_credhub": actor.is_system,
            "by_token": actor.token.pk.hex if actor.token else "",
        },
        key=key,
    )
