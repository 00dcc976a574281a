"""An AndroidManifest.xml in Android's binary form, with one empty element: as much as apksigner looks for."""

import struct


def _chunk(kind: int, header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<HHI", kind, 8 + len(header), 8 + len(header) + len(body)) + header + body


def _strings(*texts: str) -> bytes:
    data, offsets = b"", []
    for text in texts:
        offsets.append(len(data))
        data += struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0"
    data += bytes(-len(data) % 4)
    table = struct.pack(f"<{len(offsets)}I", *offsets)
    start = 28 + len(table)
    return _chunk(0x0001, struct.pack("<5I", len(texts), 0, 0, start, 0), table + data)


_NONE = 0xFFFFFFFF
_NODE = struct.pack("<II", 1, _NONE)  # its line; no comment
_START = _chunk(0x0102, _NODE, struct.pack("<IIHHHHHH", _NONE, 0, 20, 20, 0, 0, 0, 0))
_END = _chunk(0x0103, _NODE, struct.pack("<II", _NONE, 0))

MANIFEST = _chunk(0x0003, b"", _strings("manifest") + _START + _END)
