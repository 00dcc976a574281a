"""`rotate_keys --system-key`: a new one for what comes, the old one for what was."""

from django.core.management import call_command

from credentials import system_keys
from credentials.models import SystemKey
from organizations import integrity
from tests.conftest import Cast


def test_a_new_system_key_guards_what_comes_and_the_old_one_what_was(cast: Cast) -> None:
    before = integrity.mac("test", "something")
    sealed = integrity.seal("test", b"second factor", "somebody")

    call_command("rotate_keys", "--system-key")
    system_keys.forget()

    assert sorted(SystemKey.objects.values_list("version", flat=True)) == [1, 2]
    after = integrity.mac("test", "something")
    assert (before.partition(":")[0], after.partition(":")[0]) == ("1", "2")
    assert integrity.mac_fits(before, "test", "something")
    assert integrity.mac_fits(after, "test", "something")
    assert integrity.unseal("test", sealed, "somebody") == b"second factor"
