"""Two uploads in one moment: the second to arrive is told, nothing is half-stored, and nobody gets a 500."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from credentials.models import Credential
from credentials.models.sealed_secret import SealedSecret
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.uploading import ISSUER, KEY_ID, text_of, upload
from tests.conftest import Cast
from tests.leaks import find_in, forms_of

Between = Callable[[Callable[[], Any]], None]


def runs_first(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> Between:
    """What is given to the result runs once, in the moment before `owner.name` does."""

    def between(something: Callable[[], Any]) -> None:
        is_method_of_class = isinstance(vars(owner)[name], classmethod)
        real = vars(owner)[name].__func__ if is_method_of_class else vars(owner)[name]
        todo = [something]

        def slower(*args: Any, **kwargs: Any) -> Any:
            if todo:
                todo.pop()()
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, classmethod(slower) if is_method_of_class else slower)

    return between


@pytest.fixture
def after_the_form_was_checked(monkeypatch: pytest.MonkeyPatch) -> Between:
    return runs_first(monkeypatch, AppStoreConnectKey, "add")


@pytest.fixture
def between_search_and_insert(monkeypatch: pytest.MonkeyPatch) -> Between:
    """The last moment that there is. In a test both uploads are in one transaction, which the loser rolls back."""
    return runs_first(monkeypatch, SealedSecret, "_seal")


def test_the_same_key_in_one_moment_is_stored_once(cast: Cast, after_the_form_was_checked: Between) -> None:
    mine, theirs = factories.make_p8(), factories.make_p8()
    after_the_form_was_checked(
        lambda: factories.make_key(cast.root, name="Theirs", key_id=KEY_ID, issuer_id=ISSUER, p8=theirs)
    )
    client = cast.client("root_owner")

    answer = upload(client, cast.root, mine, name="Mine")

    assert answer.status_code == 400
    assert "This credential is here already, as “Theirs”." in text_of(answer)
    assert find_in(answer.content, forms_of(mine) | forms_of(theirs)) == []
    assert Credential.objects.get().name == "Theirs"
    assert Credential.objects.get().reveal(SYSTEM, purpose="test") == theirs
    assert AppStoreConnectKey.objects.count() == SyncRun.objects.count() == 1
    assert 'name="replace_existing"' in text_of(upload(client, cast.root, mine))


def test_the_same_name_in_one_moment_is_given_once(cast: Cast, after_the_form_was_checked: Between) -> None:
    after_the_form_was_checked(
        lambda: factories.make_key(cast.root, name="our KEY", key_id="ABCDEF1234", issuer_id="another")
    )

    answer = upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="Our key")

    assert answer.status_code == 400
    assert "Another credential is called “our KEY” already. Choose another name." in text_of(answer)
    assert [credential.name for credential in Credential.objects.all()] == ["our KEY"]
    assert [team.issuer_id for team in DeveloperTeam.objects.all()] == ["another"]


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        ({"key_id": KEY_ID, "name": "Theirs"}, "This credential is here already, as “Theirs”."),
        ({"key_id": "ABCDEF1234", "name": "MINE"}, "Another credential is called “MINE” already."),
    ],
)
def test_the_database_has_the_last_word(
    cast: Cast, between_search_and_insert: Between, theirs: dict[str, str], says: str
) -> None:
    between_search_and_insert(lambda: factories.make_key(cast.root, issuer_id=ISSUER, **theirs))

    answer = upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="Mine")

    assert answer.status_code == 400
    assert says in text_of(answer)
    assert not Credential.objects.filter(name="Mine").exists()


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real threads with a database connection each: both have passed the form when the first of them stores."""
    both_are_here = threading.Barrier(2, timeout=60)
    add = AppStoreConnectKey.add
    answers: dict[str, Any] = {}

    def meets_the_other(*args: Any, **kwargs: Any) -> Any:
        both_are_here.wait()
        return add(*args, **kwargs)

    monkeypatch.setattr(AppStoreConnectKey, "add", meets_the_other)
    clients = {name: cast.client("root_owner") for name in ("One", "Two")}
    keys = {name: factories.make_p8() for name in clients}

    def browser(name: str) -> None:
        try:
            answers[name] = upload(clients[name], cast.root, keys[name], name=name)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=browser, args=[name]) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers.values()) == [302, 400]
    winner = next(name for name, answer in answers.items() if answer.status_code == 302)
    assert Credential.objects.get().name == winner
    assert Credential.objects.get().reveal(SYSTEM, purpose="test") == keys[winner]
    assert AppStoreConnectKey.objects.count() == SyncRun.objects.count() == 1
