"""A list of the admin asks the database as often for 200 rows as for 10."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from appstore.models import AppStoreConnectKey
from credentials.models import Credential
from organizations.models import User
from tests.admin.furniture import MODELS, House, address
from tests.crowd import refresh_statistics

# What must differ between copies of a row, besides its id
DIFFERENT: dict[str, Callable[[int, dict[str, list[Any]]], dict[str, Any]]] = {
    "Organization": lambda n, _: {"name": f"Copy {n}", "slug": f"copy-{n}"},
    "User": lambda n, _: {"email": f"copy.{n}@example.com"},
    "Membership": lambda n, made: {"user": made["User"][n]},
    "Invitation": lambda n, _: {"token_hash": f"{n}"},
    "ApiToken": lambda n, _: {"digest": f"{n}"},
    "App": lambda n, _: {"identifier": f"copy.{n}"},
    "Assignment": lambda n, _: {"slot": f"copy-{n}"},
    "Webhook": lambda n, _: {"name": f"Copy {n}"},
    "WebhookDelivery": lambda n, _: {"key": f"copy-{n}"},
    "DeviceInvitation": lambda n, _: {"digest": f"{n}"},
    "DeviceRequest": lambda n, _: {"name": f"Copy {n}"},
    "TrustPolicy": lambda n, _: {"name": f"Copy {n}"},
    "AuditEvent": lambda n, _: {"sequence": 1000 + n},
    "Credential": lambda n, _: {"name": f"Copy {n}", "identifier": f"copy-{n}"},
    "Share": lambda n, made: {"credential": made["Credential"][n]},
    "RevealRequest": lambda n, made: {"credential": made["Credential"][n]},
    "DataKey": lambda n, _: {"version": n + 10},
    "AppStoreConnectKey": lambda n, made: {"credential": made["Credential"][n]},
    "DeveloperTeam": lambda n, _: {"issuer_id": f"copy-{n}"},
    "SyncRun": lambda n, made: {"job": f"copy-{n}", "key": made["AppStoreConnectKey"][n]},
    "HeldSweep": lambda n, _: {"answer": "KEEP"},
    "ImportUpload": lambda n, _: {"name": f"Copy {n}"},
    "ImportItem": lambda n, _: {"number": 10 + n},
    "KeyPreference": lambda n, made: {"user": made["User"][n], "key": made["AppStoreConnectKey"][n]},
}


def copies(row: Model, numbers: range, made: dict[str, list[Any]]) -> None:
    name = type(row).__name__
    fields = row._meta.concrete_fields
    mirror = "apple_id" in {field.name for field in fields}
    for number in numbers:
        own = {"apple_id": f"copy-{number}"} if mirror else DIFFERENT[name](number, made)
        own["id"] = uuid.uuid4() if isinstance(row.pk, uuid.UUID) else None
        kept = {field.attname: getattr(row, field.attname) for field in fields if field.name not in own}
        made.setdefault(name, []).append(type(row)(**kept, **own))
    type(row)._default_manager.bulk_create(made[name][numbers.start : numbers.stop])


def queries(house: House, model: type[Model]) -> int:
    client = house.cast.client("operator")
    client.get(address(model))  # whatever is kept for later is kept by now
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address(model))
    assert response.status_code == 200
    return len(captured)


def test_lists_ask_as_often_for_many_rows_as_for_few(house: House) -> None:
    rows, made = house.rows["root"], {}
    order = sorted(MODELS, key=lambda model: [User, Credential, AppStoreConnectKey].index(model)
                   if model in {User, Credential, AppStoreConnectKey} else 9)  # fmt: skip
    counts = {}
    for numbers in (range(10), range(10, 200)):
        for model in order:
            copies(rows[model], numbers, made)
        refresh_statistics()
        counts[numbers.stop] = {model.__name__: queries(house, model) for model in MODELS}
    assert counts[10] == counts[200]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_ask_less_than_a_dozen_times(house: House, model: type[Model]) -> None:
    assert queries(house, model) <= 14
