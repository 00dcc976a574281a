"""Property lists: XML in UTF-8, and nothing else."""

import pytest

from credentials.parsing.errors import ParsingError
from credentials.parsing.plist import load_plist


@pytest.mark.parametrize(
    ("declaration", "is_read"),
    [
        (b'<?xml version="1.0"?>', True),
        (b"<?xml version='1.0' encoding = 'utf-8' standalone='yes'?>", True),
        (b'<?xml version="1.0" encoding="utf-16"?>', False),
        (b'<?xml version="1.0" encoding="idna"?>', False),
        (b'<?xml version="1.0" encoding="punycode"?>', False),
        (b'<?xml version="1.0"' + b" " * 500 + b'encoding="idna"?>', False),
    ],
)
def test_a_plist_does_not_choose_its_codec(declaration: bytes, is_read: bool) -> None:
    xml = declaration + b"<plist><dict><key>a</key><true/></dict></plist>"
    if is_read:
        assert load_plist(xml) == {"a": True}
    else:
        with pytest.raises(ParsingError):
            load_plist(xml)
