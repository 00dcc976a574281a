"""A device that somebody asks for by an invitation: a claim, until somebody who may decides."""

import uuid
from typing import Any, Self

from django.db import models

from appstore.models.device_invitation import DeviceInvitation
from appstore.models.sync_run import SyncRun
from credentials.parsing.udid import normalise_udid
from organizations.guarded import GuardedModel
from organizations.querysets import TenantQuerySet


class DeviceRequestQuerySet(TenantQuerySet["DeviceRequest"]):
    tenant_path = "invitation__organization"

    def waiting(self) -> Self:
        return self.filter(state=DeviceRequest.State.WAITING)

    def same_device(self, invitation: DeviceInvitation, udid: str) -> Self:
        """Asked for in the same team, by whatever link."""
        return self.filter(invitation__team=invitation.team_id, udid_key=normalise_udid(udid))


class DeviceRequest(GuardedModel):
    class State(models.TextChoices):
        WAITING = "WAITING", "Waits for approval"
        ORDERED = "ORDERED", "Registration ordered"
        DECLINED = "DECLINED", "Declined"

    GUARDED = ("invitation_id", "name", "udid", "platform", "state")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invitation = models.ForeignKey(DeviceInvitation, on_delete=models.PROTECT, related_name="requests")
    name = models.CharField(max_length=50)  # as the person typed it
    udid = models.CharField("UDID", max_length=64)
    udid_key = models.CharField(max_length=64, db_index=True)  # without case and dashes, for matching
    platform = models.CharField(max_length=10)  # Apple's: IOS or MAC_OS
    product = models.CharField("model", max_length=40, blank=True)
    from_device = models.BooleanField("answered by the device", default=False)  # or typed by hand
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeviceRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.udid_key = normalise_udid(self.udid)
        super().save(*args, **kwargs)

    def step(self) -> dict[str, Any]:
        """Its registration, as changes are ordered."""
        return {"do": "register-device", "name": self.name, "udid": self.udid, "platform": self.platform}
