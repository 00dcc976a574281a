"""How Apple writes what tells keys apart. Its Issuer IDs look like UUIDs and do not follow RFC 4122."""

import re

ISSUER_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
KEY_ID = re.compile(r"[0-9A-Z]{6,20}")
