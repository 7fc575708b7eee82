"""Names of files as people may see them: never a path, a header or a trick; files are stored under other names."""

import re
from pathlib import PureWindowsPath

from core.text import clean

_LONGEST = 80
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|clock\$)(\.|$)", re.IGNORECASE)


def shown_name(name: str) -> str:
    """The file's own name without folders, controls and tricks of direction, short enough to show."""
    last = clean(PureWindowsPath(name.replace("\x00", "")).name)
    return last if len(last) <= _LONGEST else f"{last[:60]}…{last[-15:]}"


def safe_name(name: str, suffixes: tuple[str, ...]) -> str:
    """The same, with an ending of its content, in a form that every system stores: `x.pdf.exe` becomes `x.pdf`."""
    one_line = re.sub(r"[\s<>:\"|?*]+", " ", shown_name(name)).strip(" .")
    stem, dot, ending = one_line.rpartition(".")
    while dot and f".{ending.casefold()}" not in suffixes and f".{stem.rpartition('.')[2].casefold()}" in suffixes:
        stem, dot, ending = stem.rpartition(".")
    if not dot or f".{ending.casefold()}" not in suffixes:
        stem, ending = one_line, suffixes[0].removeprefix(".")
    stem = stem.strip(" .") or "file"
    return f"_{stem}.{ending}" if _DEVICES.match(stem) else f"{stem}.{ending}"
