"""What an encryption or MAC algorithm would cost to undo, read from its parameters before anything runs.

Whoever writes a file chooses these numbers: 981 bytes can ask for two minutes, 240 bytes for 4 GB of memory.
Costs are in iterations of a hash; unknown algorithms are refused, since nobody could say what they cost.
"""

from .der import INTEGER, OCTET_STRING, OID, SEQUENCE, Element, damaged
from .errors import ParsingError

# All key derivations of a file together. openssl's `-iter 600000`, OWASP's figure, is 1,800,000: key, certificates
# and MAC. Measured: 0.25 s with SHA-256, 1 s with SHA-512, which is where the child is stopped.
MAX_ITERATIONS = 2_000_000
MAX_SCRYPT_MEMORY = 64 * 1024 * 1024
MAX_SCRYPT_WORK = 2**20  # N·r·p: N=2^17, r=8, p=1, OWASP's figure, is 2^20 and takes 0.3 s
MAX_KEY_LENGTH = 64  # bytes; a longer one would run the iterations once more for every 20 to 64 bytes

_PKCS5 = bytes.fromhex("2a864886f70d0105")
_PBKDF2, _PBES2, _PBMAC1 = _PKCS5 + b"\x0c", _PKCS5 + b"\x0d", _PKCS5 + b"\x0e"
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_PBES1 = {_PKCS5 + bytes([last]) for last in (1, 3, 4, 6, 10, 11)}
_PKCS12_PBE = {bytes.fromhex("2a864886f70d010c01") + bytes([last]) for last in range(1, 7)}


def encryption_cost(algorithm: Element) -> int:
    """Of an AlgorithmIdentifier that encrypts. ParsingError "too-costly", "damaged-der", "unknown-encryption"."""
    oid, parameters = _parts(algorithm)
    if oid in _PBES1 or oid in _PKCS12_PBE:
        _salt, iterations = _exactly(parameters, OCTET_STRING, INTEGER)
        return _iterations(iterations)
    if oid == _PBES2:
        derivation, _cipher = _exactly(parameters, SEQUENCE, SEQUENCE)
        return _derivation_cost(derivation)
    raise _unknown()


def mac_cost(digest_algorithm: Element, iterations: Element | None) -> int:
    """Of a .p12's MAC: by its own iterations, or with PBMAC1 (RFC 9579) by those of the derivation inside."""
    oid, parameters = _parts(digest_algorithm)
    outer = 1 if iterations is None else _iterations(iterations)
    if oid != _PBMAC1:
        return outer
    derivation, _mac = _exactly(parameters, SEQUENCE, SEQUENCE)
    return outer + _derivation_cost(derivation)


def too_costly() -> ParsingError:
    return ParsingError(
        "too-costly",
        "This file asks for far more computing to be opened than real ones do. Export it again with the usual "
        "settings of your tool, and upload the new one.",
    )


def _derivation_cost(algorithm: Element) -> int:
    oid, parameters = _parts(algorithm)
    if parameters is None or parameters.tag != SEQUENCE:
        raise damaged()
    found = parameters.children()
    if oid == _PBKDF2 and [part.tag for part in found[:2]] == [OCTET_STRING, INTEGER]:
        _check_key_length(found[2:3])
        return _iterations(found[1])
    if oid == _SCRYPT and [part.tag for part in found[:4]] == [OCTET_STRING, INTEGER, INTEGER, INTEGER]:
        _check_key_length(found[4:5])
        return _scrypt_cost(*(_number(part) for part in found[1:4]))
    raise _unknown()


def _scrypt_cost(n: int, r: int, p: int) -> int:
    if 128 * n * r > MAX_SCRYPT_MEMORY or n * r * p > MAX_SCRYPT_WORK:
        raise too_costly()
    return n * r * p  # one step takes about as long as one iteration


def _check_key_length(optional: list[Element]) -> None:
    if optional and optional[0].tag == INTEGER and _number(optional[0]) > MAX_KEY_LENGTH:
        raise too_costly()


def _iterations(element: Element) -> int:
    count = _number(element)
    if count > MAX_ITERATIONS:
        raise too_costly()
    return count


def _number(element: Element) -> int:
    """A positive INTEGER. Nine bytes or more are above every cap, whatever they are."""
    number = int.from_bytes(element.value[:9], "big", signed=True)
    if number <= 0 or not element.value:
        raise damaged()
    return number


def _parts(algorithm: Element) -> tuple[bytes, Element | None]:
    if algorithm.tag != SEQUENCE:
        raise damaged()
    found = algorithm.children()
    if not 1 <= len(found) <= 2 or found[0].tag != OID:
        raise damaged()
    return found[0].value, found[1] if len(found) == 2 else None


def _exactly(parameters: Element | None, *tags: int) -> list[Element]:
    found = parameters.children() if parameters is not None and parameters.tag == SEQUENCE else []
    if tuple(part.tag for part in found) != tags:
        raise damaged()
    return found


def _unknown() -> ParsingError:
    return ParsingError(
        "unknown-encryption",
        "This file is encrypted in a way that CredHub does not know. Export it again with the usual settings of "
        "your tool, and upload the new one.",
    )
