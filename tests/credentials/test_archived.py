"""A zip is asked one question a child, and a whole repository is read in parts that a child can do."""

import json
from typing import Any

import pytest

from credentials.making.match_encryption import encrypt_for_match
from credentials.making.zip_file import zip_of
from credentials.parsing import archived
from credentials.parsing.archived import ArchivedFiles, SortedArchive, SortedFile, signing_batches
from credentials.parsing.eas_json import EasCredentials
from credentials.parsing.kdf_cost import MAX_ITERATIONS
from credentials.parsing.match_encryption import V2_COST
from credentials.parsing.match_repository import read_match
from credentials.parsing.signing_files import SigningFiles, together
from credentials.parsing.wire import from_plain
from tests import factories
from tests.credentials.children import read, refused
from tests.credentials.signing_material import PASSPHRASE, bare_key, certificate, p12, profile
from tests.security import bombs

PROFILE = profile()


def sealed(files: dict[str, bytes], version: int = 2) -> dict[str, bytes]:
    return {path: encrypt_for_match(content, PASSPHRASE, version=version) for path, content in files.items()}


REPOSITORY = sealed(
    {
        "certs/a/A.cer": certificate(),
        "certs/a/A.p12": bare_key(),
        "profiles/a/AppStore_a.mobileprovision": PROFILE,
    }
) | {"README.md": b"## match"}
EAS = {
    "app/credentials.json": json.dumps(
        {
            "ios": {
                "provisioningProfilePath": "a",
                "distributionCertificate": {"path": "b.p12", "password": "s"},
            }
        }
    ).encode(),
    "app/a": PROFILE,
    "app/b.p12": p12(0, "s"),
    "other/credentials.json": b"",
}


@pytest.mark.parametrize(
    ("wanted", "name", "files", "options"),
    [
        (SortedArchive, "sort_archive", REPOSITORY | EAS, {}),
        (ArchivedFiles, "archived_files", EAS, {"paths": "app/a\napp/b.p12"}),
        (
            SigningFiles,
            "archived_signing",
            REPOSITORY,
            {"passphrase": PASSPHRASE, "paths": "\n".join(REPOSITORY)},
        ),
        (EasCredentials, "archived_eas", EAS, {"path": "app/credentials.json"}),
    ],
    ids=["sorted", "files", "match", "eas"],
)
def test_a_child_answers_as_the_function_does(
    wanted: type[Any], name: str, files: dict[str, bytes], options: dict[str, str]
) -> None:
    data = zip_of(files)
    answer = read(wanted, data, **options)
    assert answer == getattr(archived, name)(data, **options)
    assert answer != wanted(*[()] * len(wanted.__dataclass_fields__))


def test_refusals_come_through() -> None:
    options = {"passphrase": "no", "paths": "\n".join(REPOSITORY)}
    assert refused(SigningFiles, zip_of(REPOSITORY), **options).code == "wrong-passphrase"
    upwards = zip_of({"in/x": b"x"}).replace(b"in/x", b"../x")
    assert refused(SortedArchive, upwards).code == "unsafe-path"
    assert refused(SortedArchive, zip_of({"bomb": bytes(40_000_000)})).code == "unpacks-too-large"


def test_kinds_and_sizes() -> None:
    files = archived.sort_archive(zip_of(REPOSITORY)).files
    assert [(each.path, each.kind, each.size) for each in files] == [
        (path, "other" if path == "README.md" else "match-v2", len(content))
        for path, content in REPOSITORY.items()
    ]


def test_a_repository_is_read_in_parts_that_a_child_can_do() -> None:
    """More key derivations than one child is given processor time for."""
    count = 2 * MAX_ITERATIONS // V2_COST
    files = sealed(
        {f"profiles/a/{number}.mobileprovision": PROFILE + b"%d" % number for number in range(count)}
    )
    files |= sealed({f"certs/a/{number}.cer": certificate(number) for number in range(3)})
    files |= sealed({f"certs/b/{number}.p12": bare_key(number) for number in range(3)})
    data = zip_of(files | {"README.md": b"## match"})
    batches = list(signing_batches(read(SortedArchive, data).files))
    assert 2 < len(batches) < 6
    assert sorted("\n".join(batches).split("\n")) == sorted(files)
    parts = [read(SigningFiles, data, passphrase=PASSPHRASE, paths=paths) for paths in batches]
    found = together(parts)
    assert len(found.identities) == 3
    assert len(found.profiles) == count
    assert found.problems == ()
    assert {each.path for each in found.profiles} == {
        each.path for each in read_match(files, PASSPHRASE).profiles
    }


def test_batches_are_small_enough_for_an_answer() -> None:
    files = [SortedFile(f"{number}.mobileprovision", "profile", 600_000) for number in range(5)]
    assert [len(batch.split("\n")) for batch in signing_batches(files)] == [1] * 5
    assert list(signing_batches([])) == []


def test_a_plain_folder() -> None:
    """Whatever its files are called; an API key is no signing key and is left to its own reader."""
    files = {
        "Certificates.p12": p12(0, "sesame"),
        "old/dist.crt": bombs.pem(certificate(1), "CERTIFICATE"),
        "old/dist.key": bare_key(1),
        "app.mobileprovision": PROFILE,
        "AuthKey_ABCDE12345.p8": factories.make_p8(),
        "notes.txt": b"notes",
    }
    data = zip_of(files)
    (paths,) = signing_batches(read(SortedArchive, data).files)
    found = read(SigningFiles, data, paths=paths, p12_password="sesame")
    assert {(each.certificate.path, each.key.path) for each in found.identities} == {
        ("Certificates.p12", "Certificates.p12"),
        ("old/dist.crt", "old/dist.key"),
    }
    assert [each.path for each in found.profiles] == ["app.mobileprovision"]
    assert found.problems == ()
    (problem,) = read(SigningFiles, data, paths="Certificates.p12", p12_password="no").problems
    assert (problem.path, problem.code) == ("Certificates.p12", "wrong-password")


@pytest.mark.parametrize("size", [True, "5", None, 5.0], ids=repr)
def test_a_size_is_a_number(size: object) -> None:
    plain = {"files": [{"path": "a", "kind": "other", "size": size}]}
    with pytest.raises(ValueError, match="not a"):
        from_plain(SortedArchive, plain)
