"""Which key of a team is used when nobody chose one."""

from appstore.models import AppStoreConnectKey, Health
from tests import factories
from tests.conftest import Cast


def _order(key: AppStoreConnectKey) -> list[str]:
    assert key.team is not None
    return [each.credential.name for each in key.team.usable_keys()]


def test_a_role_that_is_too_weak_comes_last_however_lately_it_was_checked(cast: Cast) -> None:
    works, unchecked, weak = (factories.make_key(cast.root, name=name) for name in ("works", "new", "weak"))
    works.record_outcome("works", "")
    weak.record_outcome("role-too-weak", "")
    assert works.team == unchecked.team == weak.team
    assert _order(works) == ["works", "new", "weak"]


def test_a_key_that_worked_stays_ahead_while_apple_cannot_be_reached(cast: Cast) -> None:
    works, weak = (factories.make_key(cast.root, name=name) for name in ("works", "weak"))
    works.record_outcome("works", "")
    works.record_outcome("unreachable", "")
    weak.record_outcome("role-too-weak", "")
    assert _order(works) == ["works", "weak"]


def test_refused_and_archived_keys_are_left_out(cast: Cast) -> None:
    works, refused = (factories.make_key(cast.root, name=name) for name in ("works", "refused"))
    works.record_outcome("works", "")
    refused.record_outcome("refused", "")
    assert _order(works) == ["works", "refused"]  # in doubt: asked when no other can be
    AppStoreConnectKey.objects.filter(pk=refused.pk).update(health=Health.REJECTED)
    assert _order(works) == ["works"]
    works.credential.archive(cast.actor("root_owner"))
    assert _order(works) == []
