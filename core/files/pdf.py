"""PDF documents from our own templates. What a text in them names is never fetched: packaged static files alone are."""

import atexit
import gc
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ImageFile

from core.errors import Refused

_ROOT = Path(settings.BASE_DIR) / "static"
_STYLE = _ROOT / "css" / "document.css"
_one_at_a_time = Lock()  # the fonts are shared, and their library isn't made for threads


def render(html: str) -> bytes:
    """A page as PDF; addresses in it have the form `static:css/…`. Raises Refused where the libraries are missing."""
    make, style, fetcher, fonts = _tools()
    with _one_at_a_time, _uncollected():
        return make(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[style], font_config=fonts)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A document is made of objects that all live to its end: looking for cycles among them takes a quarter of it."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@cache
def _tools() -> tuple[Any, Any, Any, Any]:
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415 - takes a second and 40 MB: only where a document is drawn
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - the same
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - the same

        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint sets it for everybody; pictures that people send are whole
    except OSError as error:
        raise Refused(_("This server can't draw PDF documents. Use the JSON file."), code="no_pdf") from error

    class Packaged(URLFetcher):
        """Reads files under static/ by `static:` and refuses everything else, wherever it was named."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = (_ROOT / url.removeprefix("static:")).resolve()
            if not url.startswith("static:") or not path.is_relative_to(_ROOT) or not path.is_file():
                raise ValueError("Only packaged files go into documents.")
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    fetcher, fonts = Packaged(), FontConfiguration()
    return HTML, CSS(string=_STYLE.read_text(), url_fetcher=fetcher, font_config=fonts), fetcher, fonts


atexit.register(_tools.cache_clear)  # the fonts must go while their library is still there
