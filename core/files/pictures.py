"""Pictures are drawn anew: what hides beside their pixels, places and cameras included, is gone."""

import io

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from PIL import Image, ImageOps

from core.files.archives import Suspicious
from core.files.kinds import JPEG, PNG, WEBP

WIDEST = 4000  # pixels of a side that are kept
MOST_PIXELS = 24_000_000  # held in memory at once
_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_FAULTS = (OSError, ValueError, SyntaxError, EOFError)
_TOO_MANY = _lazy("it has too many pixels; make it smaller")


def redrawn(content: bytes, kind: str) -> bytes:
    """The same picture, upright, at most 4,000 pixels a side. Raises Suspicious when it can't be drawn."""
    try:
        with Image.open(io.BytesIO(content), formats=(_FORMATS[kind],)) as picture:
            picture.draft(None, (WIDEST, WIDEST))  # a large photo is read at a fraction of its size
            if picture.width * picture.height > MOST_PIXELS:
                raise Suspicious(_TOO_MANY)
            picture.load()
            return _encoded(ImageOps.exif_transpose(picture), kind)
    except (Image.DecompressionBombError, MemoryError) as error:
        raise Suspicious(_TOO_MANY) from error
    except _FAULTS as error:
        raise Suspicious(_("it is a damaged picture")) from error


def _encoded(picture: Image.Image, kind: str) -> bytes:
    plain = "RGB" if kind == JPEG else "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    fresh = picture.convert(plain)
    fresh.info = {}
    fresh.thumbnail((WIDEST, WIDEST))
    target = io.BytesIO()
    fresh.save(target, _FORMATS[kind], **({"quality": 88} if kind != PNG else {"optimize": False}))
    return target.getvalue()
