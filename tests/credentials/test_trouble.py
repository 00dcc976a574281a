"""Each kind says what to do when a credential is lost or compromised: on its page, and in docs/compromised.md."""

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from credentials.kinds import KINDS
from credentials.kinds.trouble import Trouble
from tests.architecture.sources import ROOT
from tests.conftest import Cast


@pytest.mark.parametrize("slug", list(KINDS))
def test_every_kind_has_advice_and_a_chapter(slug: str) -> None:
    kind = KINDS[slug]
    assert isinstance(kind.trouble, Trouble)
    assert len(kind.trouble.lost) > 40
    assert len(kind.trouble.compromised) >= 3
    assert f"\n## {kind.label}\n" in (ROOT / "docs/compromised.md").read_text()


@pytest.mark.parametrize("member", ["root_owner", "sub_a_developer"])
def test_it_is_on_the_page_closed_and_without_javascript(
    cast: Cast, root_key: AppStoreConnectKey, member: str
) -> None:
    root_key.credential.shared_with_all = True
    root_key.credential.save()
    slug = "acme" if member == "root_owner" else cast.sub_a.slug
    page = (
        cast.client(member).get(reverse("credential", args=[slug, root_key.credential_id])).content.decode()
    )
    assert '<details class="disclosure">' in page
    assert "What if it is lost or compromised?" in page
    assert page.count("Revoking is final") == 1
