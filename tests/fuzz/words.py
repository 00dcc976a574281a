"""What is put into files: bytes, tags, numbers and words that parsers stumble over."""

BYTES = b"\x00\x01\x02\x03\x04\x06\x0a\x1f\x20\x24\x30\x31\x7f\x80\x81\x82\x84\x85\xa0\xa1\xfe\xff"
TAGS = bytes.fromhex("00010203040506 0c13161718 1e1f 243031 80a0a1a3")
NUMBERS = [0, 1, -1, 2, 127, 128, 1000, 2**16, 2**20, 2**31 - 1, 2**31, 2**63 - 1, 2**64, 2**512, 2**9000]
WORDS = [
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----BEGIN ", "-----", "BEGIN", "PRIVATE KEY",
    "\\n", "\\\\r", "\\/", '"', "'", "{", "[", "<", "\0", "\r\n", "\n\n", "=", "====", "LS0tLS1CRUdJTi", "<html",
    "\u200b", "\ufeff", "\u2014", "\u202e", "\U0010ffff", "service_account",
    "<?xml ?>", "<plist>", "</plist>", "<dict>", "</dict>", "<array>", "</array>", "<key>", "</key>", "<string>",
    "<integer>", "<integer>0x" + "f" * 5000 + "</integer>", "<integer>" + "9" * 5000 + "</integer>",
    "<integer>-</integer>", "<real>1e999</real>", "<real>nan</real>", "<date>2026-99-99T99:99:99Z</date>",
    "<date>0000-00-00T00:00:00Z</date>", "<date></date>", "<data>*</data>", "<true/>", "<a:b>", "<key>UUID</key>",
    "<key>Entitlements</key>", "<!DOCTYPE a [", "<!ENTITY a SYSTEM 'file:///x'>", "&a;", "&#0;", "&#xD800;",
    "<![CDATA[", "]]>", "<!--", "-->", "encoding='utf-16'", "encoding='idna'", "standalone='yes'",
]  # fmt: skip
