"""The reading of one uploaded file, in a process of its own that is thrown away (nursery.py forks it).

The request comes and the answer goes as JSON: {"parser": "p8", "data": base64, "options": {…}} and {"facts": {…}} or
{"refused": [code, message]}. Whatever else happens ends in an exit status: nothing is told about it but that.

Limits come first: memory, processor time, no core dump, no file written, no other process. Before the parser sees a
byte the last door closes: no file and no socket can be opened any more, so a flaw in a C library finds neither a
network nor our keys. What the libraries would import at first use is therefore imported before.
"""

import resource
import sys
from collections.abc import Callable
from typing import Any

CPU_SECONDS = 1
MEMORY_BYTES = 256 * 1024 * 1024  # reading a real file peaks at 45 MB
OUT_OF_MEMORY, CRASHED = 3, 4


def main() -> int:
    """From standard input to standard output. Returns the exit status."""
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    try:
        answer = _answer()
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - also a panic in Rust, which is no Exception
        return CRASHED
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _limit(which: int, most: int) -> None:
    """Both limits, so that nothing can raise it again; a lower one that we were started with stays."""
    _, hard = resource.getrlimit(which)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (least, least))


def _answer() -> bytes:
    import base64
    import json

    from credentials.parsing.errors import ParsingError
    from credentials.parsing.wire import to_plain

    request = json.loads(sys.stdin.buffer.read())
    parse = PARSERS[request["parser"]]()
    _limit(resource.RLIMIT_NOFILE, 0)
    try:
        facts = parse(base64.b64decode(request["data"]), **request["options"])
    except ParsingError as error:
        return json.dumps({"refused": [error.code, error.message]}).encode()
    return json.dumps({"facts": to_plain(facts)}).encode()


def _p8() -> Callable[..., Any]:
    import encodings.utf_8_sig
    import encodings.utf_16

    from credentials.parsing.p8 import parse_p8

    return parse_p8


def _p12() -> Callable[..., Any]:
    import encodings.utf_16_be
    import ipaddress

    from cryptography.hazmat.decrepit.ciphers import algorithms
    from cryptography.hazmat.primitives.asymmetric import padding

    from credentials.parsing.p12 import parse_p12

    return parse_p12


def _certificate() -> Callable[..., Any]:
    import ipaddress

    from cryptography.hazmat.primitives.asymmetric import padding

    from credentials.parsing.certificate import parse_certificate

    return parse_certificate


def _profile() -> Callable[..., Any]:
    from credentials.parsing.profile import parse_profile

    return parse_profile


def _identity() -> Callable[..., Any]:
    import encodings.utf_8_sig
    import encodings.utf_16

    _p12()  # for what it imports

    from credentials.parsing.identity import parse_identity

    return parse_identity


def _signed_profile() -> Callable[..., Any]:
    _certificate()

    from credentials.parsing.signed_profile import parse_signed_profile

    return parse_signed_profile


def _service_account() -> Callable[..., Any]:
    import encodings.utf_8_sig

    from credentials.parsing.service_account import parse_service_account

    return parse_service_account


def _keystore() -> Callable[..., Any]:
    import encodings.utf_8_sig
    import encodings.utf_16
    import encodings.utf_16_be
    import ipaddress

    from cryptography.hazmat.decrepit.ciphers import algorithms
    from cryptography.hazmat.primitives.asymmetric import padding

    from credentials.parsing.keystore import parse_keystore

    return parse_keystore


def _huawei_key() -> Callable[..., Any]:
    import encodings.utf_8_sig

    from credentials.parsing.huawei_key import parse_huawei_key

    return parse_huawei_key


def _device_answer() -> Callable[..., Any]:
    _certificate()

    from cryptography.hazmat.backends.openssl import backend  # for ECDSA

    from credentials.parsing.device_answer import parse_device_answer

    return parse_device_answer


def _archive() -> Callable[..., Any]:
    return _archived("sort_archive")


def _archived_files() -> Callable[..., Any]:
    return _archived("archived_files")


def _signing() -> Callable[..., Any]:
    return _archived("archived_signing")


def _eas() -> Callable[..., Any]:
    return _archived("archived_eas")


def _archived(name: str) -> Callable[..., Any]:
    import encodings.cp437  # file names in old zips
    import encodings.utf_8_sig
    import encodings.utf_16

    from credentials.parsing import archived

    _p12()  # everything that may be in one
    parse: Callable[..., Any] = getattr(archived, name)
    return parse


PARSERS = {
    "p8": _p8,
    "p12": _p12,
    "certificate": _certificate,
    "profile": _profile,
    "identity": _identity,
    "signed-profile": _signed_profile,
    "service-account": _service_account,
    "keystore": _keystore,
    "huawei-key": _huawei_key,
    "device-answer": _device_answer,
    "archive": _archive,
    "archived-files": _archived_files,
    "signing": _signing,
    "eas": _eas,
}
