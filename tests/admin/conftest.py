import pytest

from tests.admin.furniture import House, furnish
from tests.conftest import Cast


@pytest.fixture
def house(cast: Cast) -> House:
    return furnish(cast)
