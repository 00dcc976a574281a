"""Pages over 1,000 rows, against the smallest page (the health check) and the bare query."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from appstore import doorbell
from appstore.models import Profile
from organizations.permissions import Role
from tests import factories


def run(table: Callable[..., Any]) -> None:
    doorbell.ring = lambda _run_id: None  # type: ignore[assignment]
    root = factories.make_root("Bench")
    owner = factories.make_user("bench@example.com")
    factories.join(owner, root, Role.OWNER)
    key = factories.make_key(root)
    if key.team is None:
        raise ValueError("A Team key has a team.")
    factories.mirror(key.team, 1_000)
    for _ in range(60):
        factories.make_key(root)
    client = Client()
    client.force_login(owner, backend="organizations.sign_in_backend.SignInBackend")

    def page(name: str, *args: object) -> Callable[[], object]:
        path = reverse(name, args=[root.slug, *args])
        return lambda: client.get(path)

    table(
        "Pages of an organization with 1,000 of each of Apple's objects, 61 keys",
        ("the health check", lambda: client.get("/healthz")),
        {
            "overview": page("overview"),
            "credentials (50 rows)": page("credentials"),
            "profiles (50 rows)": page("apple-objects", "profiles"),
            "devices (50 rows)": page("apple-objects", "devices"),
            "key page": page("credential", key.credential_id),
        },
    )
    table(
        "Reading 50 profiles",
        ("50 rows, no relation", lambda: list(Profile.objects.defer("profile_content")[:50])),
        {"all of the page": page("apple-objects", "profiles")},
    )
