"""Asking for a change at Apple."""

import hashlib
import json
from typing import Any

from django.db import transaction

from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from appstore.signing.freeze import refuse_frozen
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
    ticket: str = "",
    memory: dict[str, Any] | None = None,
) -> SyncRun:
    """A run that takes these steps (see appstore/changes/perform.py), in this order. The very same order that still
    waits or runs is joined.

    `go_on`: a step that Apple refuses stops only itself. `ticket`: tells one form that is sent from all others. What
    was ordered with it before is the answer, however it ended: a form that is sent again makes nothing twice.
    `memory`: what an earlier worker noted of the first step. Raises PermissionDenied and FrozenError.
    """
    actor.require(Permission.ASSET_MANAGE, team.organization)
    if any(step["do"] == "create-certificate" for step in steps):  # its private key becomes a credential
        actor.require(Permission.CREDENTIAL_MANAGE, team.organization)
    refuse_frozen(team, steps)
    digest = hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()[:32]
    job = f"change:{team.pk}:{digest}"
    with transaction.atomic():
        # The row is the lock: a form that is sent twice at once is looked at one time after the other.
        DeveloperTeam.objects.select_for_update(no_key=True).get(pk=team.pk)
        if ticket and (
            earlier := SyncRun.objects.filter(team=team, kind="CHANGE", order__ticket=ticket).first()
        ):
            return earlier
        return SyncRun.request_change(
            actor,
            team,
            job=job,
            order={
                "title": title,
                "steps": steps,
                "go_on": go_on,
                "by_credhub": actor.is_system,
                "by_token": actor.token.pk.hex if actor.token else "",
                "ticket": ticket,
            },
            key=key,
            cursor={"memory": memory} if memory else {},
        )
