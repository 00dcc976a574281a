from collections.abc import Iterator
from copy import deepcopy

import pytest
from pytest_django import DjangoDbBlocker

from tests.admin.furniture import House, furnish
from tests.conftest import make_cast, shared_world


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    with shared_world(django_db_blocker):
        yield furnish(make_cast())


@pytest.fixture
def house(furnished: House, db: None) -> House:
    """As it was furnished, whatever the test before it did."""
    return deepcopy(furnished)
