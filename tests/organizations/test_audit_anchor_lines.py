"""The ends of the chains are in the process's log, which may be shipped elsewhere."""

import pytest

from organizations import audit_anchors
from organizations.models import AuditHead
from tests.conftest import Cast
from tests.log_lines import everything_logged


@pytest.mark.parametrize("again", [False, True])
def test_a_chain_that_moved_is_told_once(cast: Cast, again: bool) -> None:
    head = AuditHead.objects.get(chain=cast.root.pk)
    if again:
        audit_anchors.anchor()
    with everything_logged() as lines:
        audit_anchors.anchor()
    assert (head.mac in lines.getvalue()) is not again
