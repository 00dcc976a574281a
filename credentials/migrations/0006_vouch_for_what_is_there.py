"""What was written before there were digests gets them: rows that give access, events, and each secret."""

import uuid

from django.db import migrations
from django.utils import timezone

# What the digests covered when this migration was written: later columns come with migrations of their own
GUARDED = {
    "organizations.User": ("email", "password", "is_active", "is_superuser"),
    "organizations.Organization": (
        "parent_id", "archived_at", "requires_second_factor", "reveal_needs_approval",
    ),
    "organizations.Membership": ("user_id", "organization_id", "role"),
    "organizations.Invitation": (
        "organization_id", "email", "role", "token_hash", "invited_by_id", "expires_at", "accepted_at", "revoked_at",
    ),
    "credentials.Credential": (
        "organization_id", "kind", "identifier", "shared_with_all", "archived_at", "reveal_allowed",
    ),
    "credentials.Share": ("credential_id", "organization_id"),
}  # fmt: skip


def vouch(apps, schema_editor):
    from organizations import audit_chain

    Head = apps.get_model("organizations", "AuditHead")
    if Head.objects.exists():
        return  # the chains have begun: whatever has no digest now was written past CredHub
    rows = guard_rows(apps)
    heads = chain_events(apps)
    Event = apps.get_model("organizations", "AuditEvent")

    def append(chain, **values):
        sequence, before = heads.get(chain, (0, ""))
        event = {
            "chain": chain,
            "sequence": sequence + 1,
            "id": uuid.uuid4(),
            "organization_id": None if chain == audit_chain.DEPLOYMENT else chain,
            "created_at": timezone.now(),
            "actor_user_id": None,
            "actor_label": "CredHub",
            "action": "audit:started",
            "facts": {},
            "address": "",
            "request_id": "",
            "secret_digest": "",
            "rows": {},
            **values,
        }
        mac = audit_chain.event_mac(before, event)
        Event.objects.create(**event, mac=mac)
        heads[chain] = sequence + 1, mac

    for chunk in chunks(list(rows.items()), 500):
        append(
            audit_chain.DEPLOYMENT,
            subject_type="deployment",
            subject_id="",
            subject_label=f"{len(chunk)} rows",
            rows=dict(chunk),
        )
    sealed = apps.get_model("credentials", "Credential").objects.filter(secret__isnull=False)
    for credential in sealed.iterator():
        append(
            credential.organization_id,
            subject_type="credential",
            subject_id=str(credential.pk),
            subject_label=credential.name,
            secret_digest=audit_chain.secret_digest(credential.pk, credential.secret.ciphertext),
        )
    for chain, (sequence, mac) in heads.items():
        guard = audit_chain.head_mac(chain, sequence, mac)
        Head.objects.update_or_create(
            chain=chain, defaults={"sequence": sequence, "mac": mac, "guard": guard}
        )


def chunks(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))


def guard_rows(apps):
    """Row name → its digest."""
    from organizations import integrity
    from organizations.guarded import word

    written = {}
    for label, columns in GUARDED.items():
        model = apps.get_model(label)
        for values in list(model.objects.values("id", *columns)):
            words = [label, *(f"{name}={word(values[name])}" for name in ("id", *columns))]
            guard = integrity.mac("row", *words)
            model.objects.filter(pk=values["id"]).update(guard=guard)
            written[f"{label}:{values['id'].hex}"] = guard
    return written


def chain_events(apps):
    """Give every event its place. Chain → (last sequence, its digest)."""
    from organizations import audit_chain

    Event = apps.get_model("organizations", "AuditEvent")
    heads = {}
    for event in Event.objects.order_by("created_at", "id").iterator():
        chain = audit_chain.chain_of(event.organization_id)
        sequence, before = heads.get(chain, (0, ""))
        event.chain, event.sequence = chain, sequence + 1
        values = {name: getattr(event, name) for name in audit_chain.COLUMNS}
        event.mac = audit_chain.event_mac(before, values)
        event.save(update_fields=["chain", "sequence", "mac"])
        heads[chain] = sequence + 1, event.mac
    return heads


class Migration(migrations.Migration):
    dependencies = [
        ("credentials", "0005_reveal"),
        ("organizations", "0005_reveal_needs_approval"),
    ]

    operations = [migrations.RunPython(vouch, migrations.RunPython.noop, elidable=False)]
