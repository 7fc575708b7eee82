"""Compressed uploads: what is no honest file is refused before it is unpacked."""

import gzip
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

MOST_ENTRIES = 1_000
MOST_UNPACKED = 300 * 2**20
MOST_TEXTS = 60 * 2**20  # of one part that has to be held in memory
STEEPEST = 200  # unpacked : packed, of entries that matter
MATTERS = 2**20
_BLOCK = 2**20


class Suspicious(Exception):
    """The archive is refused; the text says why."""


def check_zip(file: Path | IO[bytes]) -> None:
    """By the sizes it states, without unpacking anything. Raises Suspicious."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            for entry in entries:
                _check_markup(archive, entry)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Suspicious(_("it is no spreadsheet, or a damaged one")) from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Suspicious(_("it holds too many parts"))
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Suspicious(_("it is too large when unpacked"))
    if any(entry.file_size > max(MATTERS, STEEPEST * entry.compress_size) for entry in entries):
        raise Suspicious(_("it is compressed more than any real file"))
    if any(entry.filename.startswith(("/", "\\")) or ".." in entry.filename.split("/") for entry in entries):
        raise Suspicious(_("it names places outside itself"))
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    if any(one.header_offset + one.compress_size > two.header_offset for one, two in pairwise(ordered)):
        raise Suspicious(_("its parts overlap"))


def _check_markup(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.filename.endswith("sharedStrings.xml") and entry.file_size > MOST_TEXTS:
        raise Suspicious(_("its texts are too large; save it as CSV"))
    if entry.filename.endswith((".xml", ".rels")):
        with archive.open(entry) as part:
            start = part.read(4096)
        if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
            raise Suspicious(_("it declares a document type, as no spreadsheet does"))


def check_gzip(path: Path) -> None:
    """Block by block, up to the limits. Raises Suspicious."""
    packed, unpacked = path.stat().st_size, 0
    try:
        with gzip.open(path) as file:
            while block := file.read(_BLOCK):
                unpacked += len(block)
                if unpacked > MOST_UNPACKED or unpacked > max(10 * MATTERS, STEEPEST * packed):
                    raise Suspicious(_("it is too large when unpacked"))
    except (gzip.BadGzipFile, EOFError, OSError) as error:
        raise Suspicious(_("it is damaged")) from error
