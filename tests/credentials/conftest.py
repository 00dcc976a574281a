import pytest

from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import User
from tests.conftest import Cast
from tests.credentials.revealing import second_owner
from tests.credentials.support import store


@pytest.fixture
def credential(cast: Cast) -> Credential:
    return store(cast.root)


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return cast.actor("root_owner")


@pytest.fixture
def second(cast: Cast) -> User:
    return second_owner(cast)
