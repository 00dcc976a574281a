"""Whatever is done with an instance in memory, its secret shows as <sealed> and never in plain."""

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.models import model_to_dict
from django.template import Context, Template
from django.views.debug import ExceptionReporter

from credentials import crypto
from credentials.fields import Sealed
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, ciphertext_of, opened, reloaded, store
from tests.leaks import find_in, forms_of_secret

FORMS = forms_of_secret(SECRET, "secret")


@pytest.fixture
def stored(cast: Cast) -> Credential:
    """A credential that has just been stored: the instance that saw the plain secret."""
    return store(cast.root)


SHOWN: dict[str, Callable[[Credential], Any]] = {
    "str": str,
    "repr": repr,
    "format": "{}".format,
    "percent": lambda credential: "%s %r" % (credential.secret, credential.secret),  # noqa: UP031
    "repr of the value": lambda credential: repr(credential.secret),
    "str of the value": lambda credential: str(credential.secret),
    "format of the value": lambda credential: (
        f"{credential.secret} {credential.secret!r} {credential.secret!s}"
    ),
    "vars": lambda credential: repr(vars(credential)),
    "dict": lambda credential: repr(credential.__dict__),
    "getstate": lambda credential: repr(credential.__getstate__()),
    "model_to_dict": lambda credential: repr(model_to_dict(credential)),
    "template": lambda credential: Template(
        "{{ c }} {{ c.secret }} {{ c.secret|safe }} {{ c.secret|pprint }} {{ c.secret|stringformat:'r' }} "
        "{% debug %}"
    ).render(Context({"c": credential})),
    "json of the text": lambda credential: json.dumps({"secret": credential.secret}, default=str),
    "pickle": pickle.dumps,
    "pickle, oldest with slots": lambda credential: pickle.dumps(credential, protocol=2),
    "values": lambda _credential: repr(list(Credential.objects.values())),
    "queryset": lambda _credential: repr(Credential.objects.all()) + repr(list(Credential.objects.raw(RAW))),
    "pickled queryset": lambda _credential: pickle.dumps(Credential.objects.all()),
}
RAW = "SELECT * FROM credentials_credential"


@pytest.mark.parametrize("way", SHOWN)
def test_nothing_shows_the_secret(stored: Credential, way: str) -> None:
    for credential in (stored, reloaded(stored)):
        shown = SHOWN[way](credential)
        assert find_in(shown if isinstance(shown, bytes) else shown.encode(), FORMS) == []


def test_the_value_shows_as_sealed(stored: Credential) -> None:
    assert repr(stored.secret) == str(stored.secret) == f"{stored.secret}" == "<sealed>"
    assert Template("{{ c.secret }}").render(Context({"c": stored})) == "&lt;sealed&gt;"


@pytest.mark.parametrize("encoder", [json.JSONEncoder, DjangoJSONEncoder])
def test_json_does_not_take_the_value(stored: Credential, encoder: type[json.JSONEncoder]) -> None:
    with pytest.raises(TypeError):
        json.dumps({"secret": stored.secret}, cls=encoder)
    with pytest.raises(TypeError):
        bytes(stored.secret)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        "".join(stored.secret)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "way",
    [copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))],  # noqa: S301
)
def test_a_copy_holds_the_ciphertext_and_opens(stored: Credential, way: Callable[[Any], Any]) -> None:
    again = way(stored)
    assert again.secret == stored.secret
    assert again.reveal(SYSTEM, purpose="test") == SECRET


def test_opening_leaves_nothing_behind_on_the_instance(stored: Credential) -> None:
    assert stored.reveal(SYSTEM, purpose="test") == SECRET
    assert find_in(pickle.dumps(stored) + repr(vars(stored)).encode(), FORMS) == []


def test_values_are_equal_by_ciphertext() -> None:
    one, same, other = Sealed(b"1"), Sealed(b"1"), Sealed(b"2")
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != b"1"
    with pytest.raises(AttributeError):
        one.plaintext = b"x"  # type: ignore[attr-defined]


def test_every_way_of_loading_gives_the_sealed_value_or_none_of_it(stored: Credential) -> None:
    sealed, rows = Sealed(ciphertext_of(stored)), Credential.objects.filter(pk=stored.pk)

    assert rows.values("secret").get() == {"secret": sealed}
    assert rows.values_list("secret", flat=True).get() == sealed
    assert rows.values_list("secret").get() == (sealed,)
    assert next(rows.iterator(chunk_size=10)).secret == sealed
    assert rows.only("secret").get().secret == sealed
    assert Credential.objects.in_bulk([stored.pk])[stored.pk].secret == sealed
    assert next(iter(Credential.objects.raw(RAW))).secret == sealed
    assert rows.order_by().union(rows.order_by()).get().secret == sealed
    stored.refresh_from_db()
    assert stored.secret == sealed


@pytest.mark.parametrize("rows", ["defer", "only", "without_secret"])
def test_a_deferred_secret_is_fetched_when_it_is_opened_and_not_before(
    stored: Credential, rows: str, django_assert_num_queries: Any
) -> None:
    querysets = {
        "defer": Credential.objects.defer("secret"),
        "only": Credential.objects.only("name", "organization"),
        "without_secret": Credential.objects.without_secret(),
    }
    with django_assert_num_queries(1):
        credential = querysets[rows].get(pk=stored.pk)
    assert "secret" in credential.get_deferred_fields()
    assert "secret" not in vars(credential)
    with django_assert_num_queries(1):
        assert repr(credential.secret) == "<sealed>"
    assert credential.reveal(SYSTEM, purpose="test") == SECRET


def test_saving_a_deferred_instance_leaves_the_secret_alone(stored: Credential) -> None:
    before = ciphertext_of(stored)
    lean = Credential.objects.without_secret().get(pk=stored.pk)
    lean.status_note = "changed"
    lean.save()

    assert ciphertext_of(stored) == before
    assert opened(stored) == SECRET


def test_a_traceback_through_sealing_and_opening_holds_no_secret(
    cast: Cast, stored: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locals of these frames do hold it: neither a traceback nor Django's error report may show them."""

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the database is gone")

    def told(error: BaseException) -> bytes:
        reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
        text = reporter.get_traceback_html() + reporter.get_traceback_text()
        return (text + "".join(traceback.format_exception(error))).encode()

    monkeypatch.setattr(Credential, "save", broken)
    with pytest.raises(RuntimeError) as caught:
        store(cast.root)
    assert find_in(told(caught.value), FORMS) == []

    monkeypatch.setattr(crypto.hkdf, "expand", broken)
    with pytest.raises(RuntimeError) as caught:
        stored.reveal(SYSTEM, purpose="test")
    assert find_in(told(caught.value), FORMS) == []
