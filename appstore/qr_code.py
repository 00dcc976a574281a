"""QR codes of addresses, as images that a page can hold."""

import base64
from io import BytesIO

import qrcode
from qrcode.image.svg import SvgPathImage


def qr_image(address: str) -> str:
    """A `data:` address of an SVG, for an <img>."""
    file = BytesIO()
    qrcode.make(address, image_factory=SvgPathImage).save(file)
    return f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode()}"
