"""What comes in: counted, known by its content and made harmless, or refused with the reason."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Refused
from core.files import kinds
from core.files.archives import Suspicious
from core.files.names import safe_name, shown_name
from core.files.pictures import redrawn

MEGABYTE = 2**20


class Upload(Protocol):
    """An uploaded file, as Django hands it over."""

    name: str
    size: int

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Rules:
    """Which kinds (of `core.files.kinds`), how large, how many at once. All files of one request stay under 25 MB."""

    kinds: frozenset[str] = frozenset({kinds.PDF, *kinds.PICTURES, kinds.DOCX, kinds.XLSX, kinds.TEXT})
    most_bytes: int = 20 * MEGABYTE
    most_files: int = 5

    @property
    def words(self) -> str:
        """What may be sent: "PDF, PNG or JPG, up to 20 MB"."""
        named = [word for kind, word in kinds.WORDS.items() if kind in self.kinds]
        listed = _("%s or %s") % (", ".join(named[:-1]), named[-1]) if named[1:] else named[0]
        return _("%(kinds)s, up to %(size)d MB") % {"kinds": listed, "size": self.most_bytes // MEGABYTE}


@dataclass(frozen=True)
class Clean:
    """A file that may be kept. `came_sha256` tells whether the very same bytes came before."""

    name: str
    kind: str
    content: bytes
    came_sha256: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def inspect_all(uploads: Sequence[Upload], rules: Rules) -> tuple[Clean, ...]:
    """All of them or none. Raises Refused."""
    if len(uploads) > rules.most_files:
        words = ngettext("Send one file.", "Send %d files at most.", rules.most_files)
        raise Refused(words % rules.most_files if rules.most_files > 1 else words, code="too_many_files")
    return tuple(inspect(upload, rules) for upload in uploads)


def inspect(upload: Upload, rules: Rules) -> Clean:
    """What the file is, in its harmless form. Raises Refused with the reason and the way on."""
    name = shown_name(upload.name or "")
    if upload.size > rules.most_bytes:
        size = {"name": name, "size": -(-upload.size // MEGABYTE), "most": rules.most_bytes // MEGABYTE}
        raise Refused(_("%(name)s is %(size)d MB. Send one up to %(most)d MB.") % size, code="file_too_large")
    content = b"".join(upload.chunks())
    if not content:
        raise Refused(_("%s is empty. Choose the file again.") % name, code="file_empty")
    try:
        if settings.FILE_SCANNER:
            import_string(settings.FILE_SCANNER)(content)
        return _known(name, content, rules)
    except Suspicious as why:
        words = {"name": name, "why": why}
        raise Refused(_("%(name)s can't be taken: %(why)s.") % words, code="file_refused") from why


def _known(name: str, content: bytes, rules: Rules) -> Clean:
    kind = kinds.kind_of(content)
    if kind not in rules.kinds:
        words = {"name": name, "kinds": rules.words}
        raise Refused(_("%(name)s is no file of these kinds: %(kinds)s.") % words, code="file_kind")
    kept = redrawn(content, kind) if kind in kinds.PICTURES else content
    return Clean(safe_name(name, kinds.SUFFIXES[kind]), kind, kept, hashlib.sha256(content).hexdigest())
