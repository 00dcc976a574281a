"""Opens the envelope of a provisioning profile (CMS SignedData, RFC 5652 §5)."""

from .der import CONTEXT_0, OCTET_STRING, OID, SEQUENCE, Element, read_element
from .errors import ParsingError

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")


def cms_content(der: bytes) -> bytes:
    """The signed content (eContent). ParsingError "damaged-der" or "not-cms".

    The signature is NOT checked: what comes back is as trustworthy as where the file came from.
    Bytes after the envelope are ignored: some tools add a line break.
    """
    outer = read_element(der)
    parts = _children(outer, SEQUENCE, at_least=2)
    if parts[0].tag != OID or parts[0].value != _SIGNED_DATA:
        raise _not_cms()
    signed_data = _children(parts[1], CONTEXT_0, at_least=1)[0]
    # SignedData: version, digestAlgorithms, encapContentInfo, …
    content_info = _children(signed_data, SEQUENCE, at_least=3)[2]
    # encapContentInfo: the content's type, and the content unless the signature is detached.
    wrapper = _children(content_info, SEQUENCE, at_least=2)[1]
    content = _children(wrapper, CONTEXT_0, at_least=1)[0]
    if content.tag == OCTET_STRING:
        return content.value
    if content.tag == OCTET_STRING | 0x20:  # the same in pieces
        return b"".join(piece.value for piece in content.children())
    raise _not_cms()


def _children(element: Element, tag: int, *, at_least: int) -> list[Element]:
    if element.tag != tag:
        raise _not_cms()
    found = element.children()
    if len(found) < at_least:
        raise _not_cms()
    return found


def _not_cms() -> ParsingError:
    return ParsingError(
        "not-cms", "This is not a signed Apple file. Choose a .mobileprovision or .provisionprofile file."
    )
