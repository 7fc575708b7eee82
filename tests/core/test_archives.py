"""Bombs and tricks in archives are refused before they are unpacked."""

import gzip
import resource
import time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from core.files import archives
from core.files.archives import Suspicious, check_gzip, check_zip


def zipped(path, **parts: bytes):
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refusal(check, path) -> str:
    with pytest.raises(Suspicious) as refused:
        check(path)
    return str(refused.value)


def test_an_honest_archive_passes(tmp_path):
    check_zip(zipped(tmp_path / "x.xlsx", **{"a.xml": b"<a/>", "b.xml": b"<b>" + b"1,2,3,4;" * 10_000 + b"</b>"}))


def test_a_bomb_is_refused_quickly_and_without_memory(tmp_path):
    path = tmp_path / "x.xlsx"
    with (
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("sheet.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(250):
            part.write(b"\0" * 2**20)
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(check_zip, path) == "it is compressed more than any real file"
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 50 * 1024


def test_an_archive_that_states_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1000)
    assert refusal(check_zip, zipped(tmp_path / "x.xlsx", a=b"1" * 1001)) == "it is too large when unpacked"


def test_an_archive_of_very_many_parts_is_refused(tmp_path):
    parts = {f"{n}.xml": b"" for n in range(1_001)}
    assert refusal(check_zip, zipped(tmp_path / "x.xlsx", **parts)) == "it holds too many parts"


@pytest.mark.parametrize("name", ["../x.xml", "/etc/x", "a/../../x"])
def test_parts_with_places_outside_are_refused(tmp_path, name):
    assert refusal(check_zip, zipped(tmp_path / "x.xlsx", **{name: b"x"})) == "it names places outside itself"


def test_overlapping_parts_are_refused(tmp_path):
    path = zipped(tmp_path / "x.xlsx", a=b"1" * 100, b=b"2" * 100)
    with ZipFile(path) as archive:
        entries = archive.infolist()
    entries[1].header_offset = entries[0].header_offset
    with pytest.raises(Suspicious, match="its parts overlap"):
        archives._check_entries(entries)


def test_a_document_type_is_refused(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    why = "it declares a document type, as no spreadsheet does"
    assert refusal(check_zip, zipped(tmp_path / "x.xlsx", **{"sheet.xml": bomb})) == why


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 no")
    assert refusal(check_zip, tmp_path / "x.xlsx") == "it is no spreadsheet, or a damaged one"


def test_an_encrypted_part_is_refused(tmp_path):
    path = zipped(tmp_path / "x.xlsx", **{"a.xml": b"<a/>"})
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(bytes(content))
    assert refusal(check_zip, path) == "it is no spreadsheet, or a damaged one"


def test_a_gzip_bomb_is_refused_and_an_honest_one_passes(tmp_path):
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"0" * 30 * 2**20))
    assert refusal(check_gzip, tmp_path / "x.csv.gz") == "it is too large when unpacked"
    (tmp_path / "y.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 10_000))
    check_gzip(tmp_path / "y.csv.gz")
