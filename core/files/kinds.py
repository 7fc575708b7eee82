"""What a file is, by its bytes alone; what its name and the browser say is not believed."""

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from zipfile import ZipFile

import puremagic
from django.utils.translation import gettext as _

from core.files.archives import Suspicious, check_zip

PDF, PNG, JPEG, WEBP = "application/pdf", "image/png", "image/jpeg", "image/webp"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"
SUFFIXES: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), WEBP: (".webp",), DOCX: (".docx",), XLSX: (".xlsx",),
    TEXT: (".txt", ".csv"),
}  # fmt: skip
WORDS = {
    PDF: "PDF", PNG: "PNG", JPEG: "JPG", WEBP: "WEBP", DOCX: "DOCX", XLSX: "XLSX", TEXT: "CSV",
}  # fmt: skip
PICTURES = frozenset({PNG, JPEG, WEBP})
_BY_MAGIC = PICTURES | {PDF}  # the others need a look inside
_PARTS = {"word/": DOCX, "xl/": XLSX}
_MARKUP = re.compile(
    rb"<\s*(!doctype|\?xml|html|svg|script|body|iframe|math|img)\b|^mime-version\s*:", re.IGNORECASE | re.MULTILINE
)
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|RichMedia|SubmitForm|ImportData)(?![A-Za-z])")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_INFLATED, _MOST_PART = 64 * 2**20, 4 * 2**20


def kind_of(content: bytes) -> str:
    """The media type, one of SUFFIXES, or "" for anything else. Raises Suspicious for what pretends to be one."""
    if content.startswith(b"PK"):
        return _archive(content)
    found = next((mime for mime in _guesses(content) if mime in _BY_MAGIC), "")
    if found == PDF:
        _refuse_active(content)
    return found or (TEXT if _is_plain_text(content) else "")


def _guesses(content: bytes) -> list[str]:
    try:
        return [guess.mime_type for guess in puremagic.magic_string(content)]
    except (puremagic.PureError, ValueError):
        return []


def _archive(content: bytes) -> str:
    file = io.BytesIO(content)
    check_zip(file)
    with ZipFile(file) as archive:
        names = archive.namelist()
        if any(archive.open(name).read(4).startswith(b"PK\x03\x04") for name in names):
            raise Suspicious(_("it holds another archive"))
    if any(name.endswith(("vbaProject.bin", ".exe", ".js", ".vbs")) for name in names):
        raise Suspicious(_("it holds a program"))
    found = next((kind for folder, kind in _PARTS.items() if any(n.startswith(folder) for n in names)), "")
    return found if "[Content_Types].xml" in names else ""


def _is_plain_text(content: bytes) -> bool:
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(words.strip()) and "\x00" not in words and not _MARKUP.search(content)


def _refuse_active(content: bytes) -> None:
    """Scripts and forms that send have no place in what is read once. Looks into packed objects, too."""
    for part in (_STREAM.sub(b"", content), *_unpacked(content)):
        if _ACTIVE.search(_HEX.sub(lambda m: bytes([int(m[1], 16)]), part)):
            raise Suspicious(_("it holds a script; print it to a new PDF"))


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The packed parts of a PDF that can hold names, as far as they go."""
    left = _MOST_INFLATED
    for start in _streams(content):
        try:
            part = zlib.decompressobj().decompress(content[start : start + 2 * _MOST_PART], min(left, _MOST_PART))
        except zlib.error:
            continue
        left -= len(part)
        if left <= 0:
            raise Suspicious(_("it is too large when unpacked"))
        yield part


def _streams(content: bytes) -> Iterable[int]:
    """Where packed object streams begin: pictures and pages of drawing commands hold no names."""
    for found in re.finditer(rb"/ObjStm", content):
        begun = re.compile(rb"stream\r?\n").search(content, found.end())
        if begun:
            yield begun.end()
