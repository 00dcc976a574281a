"""A match repository is read whatever its names say, and written so that it is read again."""

from datetime import datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from credentials.making.match_encryption import encrypt_for_match
from credentials.making.match_repository import write_match
from credentials.parsing.errors import ParsingError
from credentials.parsing.match_encryption import V2_COST, open_match_file
from credentials.parsing.match_repository import read_match
from credentials.parsing.signing_file import is_signing_file
from credentials.parsing.signing_files import SigningFiles, matched, together
from tests.credentials.signing_material import (
    DEVELOPMENT,
    INSTALLER,
    PASSPHRASE,
    PUSH,
    bare_key,
    certificate,
    p12,
    pkcs8,
    profile,
    sha256,
)
from tests.security import bombs

PROFILE = profile()
DEVICES = ["00008030-001A2B3C4D5E6F70"]


def sealed(files: dict[str, bytes], version: int = 2) -> dict[str, bytes]:
    return {path: encrypt_for_match(content, PASSPHRASE, version=version) for path, content in files.items()}


def repository(prefix: str = "", version: int = 2) -> dict[str, bytes]:
    files = {
        "certs/distribution/AAAAAAAAAA.cer": certificate(),
        "certs/distribution/AAAAAAAAAA.p12": bare_key(),
        "profiles/appstore/AppStore_com.example.app.mobileprovision": PROFILE,
    }
    plain = {
        "match_version.txt": b"2.228.0",
        "README.md": b"## match",
        ".git/HEAD": b"ref: refs/heads/master\n",
    }
    return {prefix + path: content for path, content in sealed(files, version).items()} | plain


def refused(files: dict[str, bytes], passphrase: str = PASSPHRASE, **options: int) -> str:
    with pytest.raises(ParsingError) as caught:
        read_match(files, passphrase, **options)
    return caught.value.code


@pytest.mark.parametrize("prefix", ["", "TEAM567890/"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_repository(prefix: str, version: int) -> None:
    found = read_match(repository(prefix, version), PASSPHRASE)
    (identity,) = found.identities
    assert identity.certificate.der == certificate()
    assert identity.certificate.path == f"{prefix}certs/distribution/AAAAAAAAAA.cer"
    assert identity.key.pkcs8 == pkcs8()
    assert [(each.facts.application_identifier, each.content) for each in found.profiles] == [
        ("com.example.app", PROFILE)
    ]
    assert (found.keys, found.certificates, found.problems) == ((), (), ())


def test_a_repository_that_is_not_encrypted() -> None:
    """As match keeps it on S3 or in GitLab's secure files."""
    found = read_match({"certs/a/A.cer": certificate(), "certs/a/A.p12": bare_key()}, "")
    assert len(found.identities) == 1


def test_files_of_both_encryptions_stand_beside_each_other() -> None:
    new = sealed({"certs/distribution/A.cer": certificate()}, 2)
    old = sealed({"certs/distribution/A.p12": bare_key()}, 1)
    assert len(read_match(new | old, PASSPHRASE).identities) == 1


def test_keys_find_their_certificates_whatever_they_are_called() -> None:
    files = {
        "certs/distribution/AAA.cer": certificate(0),
        "certs/distribution/BBB.cer": certificate(1),
        "certs/distribution/AAA.p12": bare_key(1),
        "certs/development/CCC.p12": bare_key(0),
        "certs/development/DDD.p12": bare_key(2),
        "certs/development/EEE.cer": certificate(3),
    }
    found = read_match(sealed(files), PASSPHRASE)
    assert {(each.certificate.path, each.key.path) for each in found.identities} == {
        ("certs/distribution/AAA.cer", "certs/development/CCC.p12"),
        ("certs/distribution/BBB.cer", "certs/distribution/AAA.p12"),
    }
    assert [each.path for each in found.keys] == ["certs/development/DDD.p12"]
    assert [each.path for each in found.certificates] == ["certs/development/EEE.cer"]


def test_one_key_of_two_certificates() -> None:
    """A certificate that was renewed with the same request."""
    files = {"a/A.cer": certificate(0), "a/B.cer": certificate(0, serial=77), "a/A.p12": bare_key(0)}
    found = read_match(sealed(files), PASSPHRASE)
    assert len(found.identities) == 2
    assert {each.key.path for each in found.identities} == {"a/A.p12"}
    assert found.keys == ()


def test_a_real_p12_without_a_password_is_taken_and_one_with_a_password_told() -> None:
    files = {"certs/a/A.p12": p12(0), "certs/a/A.cer": certificate(0), "certs/a/B.p12": p12(1, "secret")}
    found = read_match(sealed(files), PASSPHRASE)
    assert [each.key.pkcs8 for each in found.identities] == [pkcs8(0)]
    assert [(each.path, each.code) for each in found.problems] == [("certs/a/B.p12", "password-needed")]


def test_what_is_there_twice_is_taken_once_and_told() -> None:
    files = sealed({"certs/a/A.cer": certificate(), "TEAM/certs/a/B.cer": certificate()})
    found = read_match(files, PASSPHRASE)
    assert [each.path for each in found.certificates] == ["TEAM/certs/a/B.cer"]
    assert [(each.path, each.code) for each in found.problems] == [("certs/a/A.cer", "duplicate")]
    assert "TEAM/certs/a/B.cer" in found.problems[0].message


def test_a_file_that_cannot_be_read_does_not_stop_the_others() -> None:
    other = encrypt_for_match(certificate(1), "another passphrase")
    cut = encrypt_for_match(certificate(2), PASSPHRASE)[:-2]
    files = sealed({"certs/a/A.cer": certificate(), "certs/a/N.cer": b"notes"})
    files |= {"certs/a/B.cer": other, "certs/a/C.cer": cut}
    found = read_match(files, PASSPHRASE)
    assert len(found.certificates) == 1
    assert {each.path: each.code for each in found.problems} == {
        "certs/a/B.cer": "wrong-passphrase",
        "certs/a/C.cer": "damaged-encryption",
        "certs/a/N.cer": "not-a-signing-file",
    }


@pytest.mark.parametrize("version", [1, 2])
def test_a_wrong_passphrase_is_one_message_after_three_files(
    version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def counted(content: bytes, *rest: object) -> bytes:
        tried.append(content)
        return open_match_file(content, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("credentials.parsing.signing_folder.open_match_file", counted)
    files = sealed({f"certs/a/{number}.cer": certificate(number % 3) for number in range(20)}, version)
    assert refused(files, "not this one") == "wrong-passphrase"
    assert len(tried) == 3


def test_refusals() -> None:
    assert refused(repository(), "") == "passphrase-needed"
    assert refused({"README.md": b"x", ".git/a.cer": certificate()}) == "nothing-found"
    assert refused({"a.cer": encrypt_for_match(certificate(), "other")}) == "wrong-passphrase"


def test_costs_are_counted_before_anything_is_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object) -> bytes:
        raise AssertionError("A key was derived.")

    monkeypatch.setattr("credentials.parsing.signing_folder.open_match_file", never)
    files = dict.fromkeys(
        (f"certs/a/{number}.cer" for number in range(20)), repository()["certs/distribution/AAAAAAAAAA.cer"]
    )
    assert refused(files, most_work=20 * V2_COST) == "too-costly"


def test_a_p12_inside_spends_what_is_left() -> None:
    """Four of them may not ask for four times what one may."""
    bomb = bombs.p12_with_iterations(600_000)
    files = {f"certs/a/{number}.p12": bomb for number in range(4)}
    found = read_match(files, "", most_work=2_000_000)
    assert [each.code for each in found.problems] == ["password-needed"] * 2 + ["too-costly"] * 2


def test_parts_are_put_together_again() -> None:
    files = repository()
    parts = [
        read_match({path: files[path]}, PASSPHRASE)
        for path in files
        if path.startswith(("certs", "profiles"))
    ]
    assert [len(part.identities) for part in parts] == [0, 0, 0]
    assert together(parts) == read_match(files, PASSPHRASE)


def of(**files: bytes) -> SigningFiles:
    """As it was read from a folder with these files."""
    return read_match({name.replace("__", "."): content for name, content in files.items()}, "")


def opened(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: content
        if path.startswith(("README", "match_v"))
        else open_match_file(content, PASSPHRASE, is_signing_file)
        for path, content in files.items()
    }


def test_it_is_written_with_the_names_that_match_chooses() -> None:
    in_house = profile("com.example.house", number=4, ProvisionsAllDevices=True)
    found = of(
        a__cer=certificate(0), a__p12=bare_key(0), b__cer=certificate(1, DEVELOPMENT), b__p12=bare_key(1),
        c__cer=certificate(2, INSTALLER), c__p12=bare_key(2), d__cer=certificate(3, PUSH), d__p12=bare_key(3),
        e__cer=certificate(4), e__p12=bare_key(4), f__mobileprovision=PROFILE, g__mobileprovision=in_house,
        h__mobileprovision=profile("com.example.*", ProvisionedDevices=DEVICES),
        i__provisionprofile=profile("com.example.mac", Platform=["OSX"]),
        j__mobileprovision=profile("com.example.tv", Platform=["tvOS"]),
        k__provisionprofile=profile("com.example.direct", Platform=["OSX"], ProvisionsAllDevices=True),
        l__mobileprovision=profile("../../etc/passwd"),
    )  # fmt: skip
    made = write_match(
        found, PASSPHRASE, certificate_ids={sha256(certificate(0)): "ABCDE12345"}, team_id="TEAM567890"
    )
    assert set(made.files) == {
        "match_version.txt", "README.md",
        "TEAM567890/certs/distribution/ABCDE12345.cer", "TEAM567890/certs/distribution/ABCDE12345.p12",
        "TEAM567890/certs/development/3E9.cer", "TEAM567890/certs/development/3E9.p12",
        "TEAM567890/certs/mac_installer_distribution/3EA.cer", "TEAM567890/certs/mac_installer_distribution/3EA.p12",
        "TEAM567890/certs/enterprise/3EC.cer", "TEAM567890/certs/enterprise/3EC.p12",
        "TEAM567890/profiles/appstore/AppStore_com.example.app.mobileprovision",
        "TEAM567890/profiles/enterprise/InHouse_com.example.house.mobileprovision",
        "TEAM567890/profiles/adhoc/AdHoc_com.example.*.mobileprovision",
        "TEAM567890/profiles/appstore/AppStore_com.example.mac.provisionprofile",
        "TEAM567890/profiles/appstore/AppStore_com.example.tv_tvos.mobileprovision",
        "TEAM567890/profiles/developer_id/Direct_com.example.direct.provisionprofile",
        "TEAM567890/profiles/appstore/AppStore_.._.._etc_passwd.mobileprovision",
    }  # fmt: skip
    assert [(each.path, each.code) for each in made.left_out] == [("d.cer", "no-place")]
    files = opened(made.files)
    key = files["TEAM567890/certs/distribution/ABCDE12345.p12"]
    assert key.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    loaded = serialization.load_pem_private_key(key, password=None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    assert files["match_version.txt"] == b"2.220.0"


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_written_is_read_again(version: int) -> None:
    found = read_match(repository(), PASSPHRASE)
    ids = {sha256(certificate()): "AAAAAAAAAA"}
    made = write_match(found, PASSPHRASE, certificate_ids=ids, version=version)
    assert made.left_out == ()
    assert read_match(made.files, PASSPHRASE) == found


def test_of_two_profiles_for_one_name_the_later_is_kept() -> None:
    later = profile(ExpirationDate=datetime(2028, 1, 1))  # noqa: DTZ001 - property lists write no zone
    found = of(a__mobileprovision=PROFILE, b__mobileprovision=later)
    made = write_match(found, PASSPHRASE, certificate_ids={})
    assert later in opened(made.files).values()
    assert [(each.path, each.code) for each in made.left_out] == [("a.mobileprovision", "another-profile")]


def test_secrets_are_not_told() -> None:
    found = read_match(repository(), PASSPHRASE)
    made = write_match(found, PASSPHRASE, certificate_ids={})
    for told in (repr(found), repr(made)):
        assert repr(pkcs8())[2:40] not in told
        assert "BEGIN" not in told
    assert matched([]) == SigningFiles()
