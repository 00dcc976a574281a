"""Whose turn it is: however much one organization asks for, the others are served in turn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appstore import runs, turns
from appstore.models import SyncRun
from appstore.models.sync_run import after
from organizations.models import Organization
from tests import factories


def due(organization: Organization, count: int, **fields: object) -> list[SyncRun]:
    """Canaries of an organization: they are done as soon as they are taken."""
    long_ago = timezone.now() - timedelta(hours=1)
    made = [
        SyncRun(
            kind=SyncRun.Kind.CANARY,
            job=f"{organization.pk}/{number}",
            trigger=SyncRun.Trigger.SCHEDULE,
            organization=organization,
            next_run_at=long_ago + timedelta(seconds=number),
        )
        for number in range(count)
    ]
    SyncRun.objects.bulk_create(made)
    SyncRun.objects.filter(pk__in=[run.pk for run in made]).update(**fields or {"attempts": 0})
    return made


def order_of_service() -> list[str]:
    """The names of the organizations in the order in which one worker serves them."""
    while runs.perform_next():
        pass
    done = (
        SyncRun.objects.filter(state="SUCCEEDED")
        .select_related("organization")
        .order_by("finished_at", "started_at")
    )
    return [str(run.organization) for run in done]


@pytest.fixture
def organizations(db: None) -> list[Organization]:
    return [factories.make_root(name) for name in ("Greedy", "Modest", "Shy")]


def test_each_in_turn(organizations: list[Organization]) -> None:
    greedy, modest, shy = organizations
    due(greedy, 20)
    due(modest, 2)
    due(shy, 1)
    served = order_of_service()
    assert len(served) == 23
    assert sorted(served[:3]) == ["Greedy", "Modest", "Shy"]
    assert "Modest" in served[3:6]
    assert served[6:] == ["Greedy"] * 17


def test_who_has_less_running_comes_first(organizations: list[Organization]) -> None:
    greedy, modest, _shy = organizations
    due(greedy, 3)
    running = SyncRun.objects.filter(organization=greedy)[:2]
    SyncRun.objects.filter(pk__in=[run.pk for run in running]).update(state="RUNNING", lease_until=after(60))
    last = due(modest, 1)[0]
    assert [turn.organization for turn in turns.in_turn()] == [modest.pk, greedy.pk]
    assert next(turns.next_runs()) == last.pk


def test_an_organization_runs_four_at_once_at_most(organizations: list[Organization]) -> None:
    greedy = organizations[0]
    made = due(greedy, 6)
    SyncRun.objects.filter(pk__in=[run.pk for run in made[:4]]).update(state="RUNNING", lease_until=after(60))
    assert list(turns.next_runs()) == []
    SyncRun.objects.filter(pk=made[0].pk).update(state="SUCCEEDED")
    assert next(turns.next_runs()) == made[4].pk


def test_what_somebody_waits_for_comes_before_the_schedule(organizations: list[Organization]) -> None:
    made = due(organizations[0], 3)
    SyncRun.objects.filter(pk=made[2].pk).update(trigger=SyncRun.Trigger.MANUAL)
    assert next(turns.next_runs()) == made[2].pk


def test_a_message_about_one_run_may_do_another_that_has_its_turn(organizations: list[Organization]) -> None:
    greedy, modest, _shy = organizations
    first, second, *_ = due(greedy, 3)
    runs.perform(first.pk)
    waiting = due(modest, 1)[0]
    runs.perform(second.pk)
    waiting.refresh_from_db()
    second.refresh_from_db()
    assert (waiting.state, second.state) == ("SUCCEEDED", "QUEUED")
