"""DER as PEM (RFC 7468)."""

import base64
import textwrap


def as_pem(der: bytes, label: str) -> str:
    """`label` is CERTIFICATE, PRIVATE KEY…"""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
