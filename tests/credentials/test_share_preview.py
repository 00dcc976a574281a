"""What the panel announces is what applying does, from any state to any other, and nothing besides."""

from dataclasses import dataclass, field

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.models import Credential, Share
from credentials.sharing import ShareChange, preview, share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent, Organization
from organizations.permissions import Permission
from tests.conftest import Cast
from tests.credentials.support import reloaded, store

SUBS = range(4)


@dataclass(frozen=True)
class Choice:
    with_all: bool
    chosen: frozenset[int] = field(default_factory=frozenset)


CHOICES = st.builds(Choice, st.booleans(), st.frozensets(st.sampled_from(SUBS)))


def see(credential: Credential) -> set[Organization]:
    """The organizations that the credential is visible in: what sharing is all about."""
    every = Organization.objects.live().exclude(name="Globex")
    return {one for one in every if Credential.objects.visible_in(one).filter(pk=credential.pk).exists()}


def test_a_preview_is_what_applying_does(cast: Cast) -> None:
    root, subs = cast.root, [cast.sub_a, cast.sub_b]
    subs += [root.create_sub_organization(SYSTEM, f"Team {number}") for number in SUBS[2:]]

    @given(before=CHOICES, after=CHOICES, archived=st.frozensets(st.sampled_from(SUBS), max_size=2))
    @settings(max_examples=30)
    def holds(before: Choice, after: Choice, archived: frozenset[int]) -> None:
        credential = store(root)
        share(SYSTEM, credential, with_all=before.with_all, chosen=[subs[n] for n in before.chosen])
        for number in archived:
            subs[number].archive(SYSTEM)
        live = [subs[number] for number in after.chosen - archived]
        saw, events = see(credential), AuditEvent.objects.count()

        announced = preview(credential, with_all=after.with_all, chosen=live)
        assert see(credential) == saw
        assert AuditEvent.objects.count() == events
        applied = share(SYSTEM, credential, with_all=after.with_all, chosen=live)

        assert announced == applied
        sees = see(credential)
        assert set(applied.gained) == sees - saw
        assert set(applied.lost) == saw - sees
        assert set(applied.kept) == saw & sees - {root}
        assert applied.is_nothing == (saw == sees and before.with_all == after.with_all)
        assert reloaded(credential).shared_with_all == credential.shared_with_all == after.with_all
        # Doing it again changes nothing, and nothing is written that did not happen.
        assert share(SYSTEM, credential, with_all=after.with_all, chosen=live).is_nothing
        assert AuditEvent.objects.count() == events + (0 if applied.is_nothing else 1)
        # An archived sub-organization comes back to what it had, unless it is to have it by the toggle.
        for number in archived:
            subs[number].restore(SYSTEM)
            assert (subs[number] in see(credential)) == (after.with_all or number in before.chosen)

    holds()


def test_what_it_means_for_sub_organizations_to_come(cast: Cast) -> None:
    credential = store(cast.root)
    everybody = share(SYSTEM, credential, with_all=True, chosen=[])
    assert (everybody.future_gained, everybody.future_lost) == (True, False)
    assert cast.root.create_sub_organization(SYSTEM, "Later") in see(credential)

    some = share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    assert (some.future_gained, some.future_lost) == (False, True)
    assert cast.root.create_sub_organization(SYSTEM, "Later still") not in see(credential)
    assert see(credential) == {cast.root, cast.sub_a}


def test_the_chosen_ones_are_remembered_while_all_have_it(cast: Cast) -> None:
    credential = store(cast.root)
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    share(SYSTEM, credential, with_all=True, chosen=[])

    assert [each.organization for each in credential.shares.all()] == [cast.sub_a]


@pytest.mark.parametrize("chosen", ["other", "root"])
def test_nobody_else_can_be_chosen(cast: Cast, chosen: str) -> None:
    credential = store(cast.root)
    with pytest.raises(ValidationError, match="of their own root only"):
        share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a, getattr(cast, chosen)])
    assert not Share.objects.exists()


def test_a_sub_organization_shares_with_nobody(cast: Cast) -> None:
    credential = store(cast.sub_a)
    for choice in ({"with_all": True, "chosen": []}, {"with_all": False, "chosen": [cast.sub_b]}):
        with pytest.raises(ValidationError):
            share(SYSTEM, credential, **choice)  # type: ignore[arg-type]
    assert not reloaded(credential).shared_with_all
    assert see(credential) == {cast.sub_a}


def test_the_event_names_who_gained_and_who_lost(cast: Cast) -> None:
    credential = store(cast.root)
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    share(cast.actor("root_owner"), credential, with_all=False, chosen=[cast.sub_b])

    event = AuditEvent.objects.filter(action="credential:shared", actor_user=cast.root_owner).get()
    assert event.facts == {"shared_with_all": False, "gained": ["Acme Travel"], "lost": ["Acme Games"]}
    assert Share.objects.get().created_by == cast.root_owner


def test_a_preview_costs_the_same_however_many_there_are(
    cast: Cast, django_assert_num_queries: object
) -> None:
    credential = store(cast.root)
    for number in range(30):
        cast.root.create_sub_organization(SYSTEM, f"Team {number}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        preview(credential, with_all=False, chosen=[cast.sub_a])


def test_nothing_changes_is_told_as_nothing() -> None:
    assert ShareChange().is_nothing
    assert not ShareChange(future_lost=True).is_nothing


def test_a_share_gives_use_and_no_more(cast: Cast) -> None:
    credential = store(cast.root)
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    admin = cast.actor("sub_a_admin")

    given = {
        permission for permission in Permission
        if Credential.objects.for_actor(admin, permission).filter(pk=credential.pk).exists()
    }  # fmt: skip
    assert given == {
        Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_USE, Permission.ASSET_VIEW, Permission.ASSET_DOWNLOAD,
        Permission.SYNC_RUN,
    }  # fmt: skip
