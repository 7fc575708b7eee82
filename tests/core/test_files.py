"""Files that people send: what they are, what is kept of them, and who gets them back."""

import io
import resource
import time
import zlib
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import files
from core.clock import now
from core.errors import Refused
from core.files import Rules, kinds, lending, names, pdf, store
from core.models import StoredFile

PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"


@pytest.fixture(autouse=True)
def _own_disk(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def sent(content: bytes, name: str = "x.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def drawn(form: str, size: tuple[int, int] = (40, 20), **options) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, form, **options)
    return target.getvalue()


def sheet() -> bytes:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def refusal(content: bytes, name: str = "x.pdf", rules: Rules = Rules()) -> str:  # noqa: B008
    with pytest.raises(Refused) as refused:
        files.inspect(sent(content, name), rules)
    return str(refused.value)


# --- what they are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (PDF, kinds.PDF, "x.pdf"),
        (drawn("PNG"), kinds.PNG, "x.png"),
        (drawn("JPEG"), kinds.JPEG, "x.jpg"),
        (drawn("WEBP"), kinds.WEBP, "x.webp"),
        (sheet(), kinds.XLSX, "x.xlsx"),
        (zipped(**{"[Content_Types].xml": b"<a/>", "word/document.xml": b"<b/>"}), kinds.DOCX, "x.docx"),
        (b"name,e-mail\nJos\xc3\xa9,jose@x.example\n", kinds.TEXT, "x.txt"),
    ],
)
def test_a_file_is_known_by_its_content_and_named_for_it(content, kind, name):
    clean = files.inspect(sent(content, "x.exe"), Rules())
    assert (clean.kind, clean.name) == (kind, "x.exe" + name[1:])
    assert files.inspect(sent(content, name), Rules()).name == name


HTML_KINDS = "x.pdf is no file of these kinds: PDF, PNG, JPG, WEBP, DOCX, XLSX or CSV, up to 20 MB."


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<svg onload='alert(1)'/>",
        b"<svg><foreignObject><iframe src='x'/></foreignObject></svg>",
        b"<svg><a href='javascript:alert(1)'/></svg>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><svg>&e;</svg>",
        b"<!DOCTYPE html><html><body>hello</body></html>",
        b"  \n<HTML><head></head></HTML>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"From: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nx",
        b"name,page\nx,<script>alert(1)</script>\n",
        b"MZ\x90\x00" + b"\x00" * 200,
        b"GIF89a" + b"\x01\x00\x01\x00" * 20,
        b"\xff\xfe\x00\x01binary",
        zipped(**{"readme.txt": b"hello"}),
    ],
)
def test_markup_programs_and_unknown_kinds_are_refused_whatever_their_name_says(content):
    assert refusal(content) == HTML_KINDS


@pytest.mark.parametrize(
    "inside",
    [
        b"<</S/JavaScript/JS(app.alert(1))>>",
        b"<</S/J#61vaScript>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</Type/ObjStm/Filter/FlateDecode>>\nstream\r\n" + zlib.compress(b"<</S/JavaScript>>") + b"\nendstream",
    ],
)
def test_a_pdf_with_a_script_is_refused(inside):
    assert refusal(PDF + inside) == "x.pdf can't be taken: it holds a script; print it to a new PDF."


def test_bytes_of_a_picture_in_a_pdf_are_no_script():
    assert files.inspect(sent(PDF + b"<</Length 9>>stream\n/JS /JS(\nendstream"), Rules()).kind == kinds.PDF


def test_only_the_kinds_that_are_asked_for_are_taken():
    only = Rules(kinds=frozenset({kinds.PDF}), most_bytes=2**20)
    assert refusal(drawn("PNG"), "x.png", only) == "x.png is no file of these kinds: PDF, up to 1 MB."


def test_size_and_number_are_limited():
    small = Rules(most_bytes=2**20, most_files=2)
    assert refusal(b"a" * (2**20 + 1), "big.csv", small) == "big.csv is 2 MB. Send one up to 1 MB."
    assert refusal(b"", "none.csv") == "none.csv is empty. Choose the file again."
    with pytest.raises(Refused) as refused:
        files.inspect_all([sent(PDF)] * 3, small)
    assert str(refused.value) == "Send 2 files at most."


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_drawn_anew_without_what_hid_beside_its_pixels():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SECRET-CAMERA", 6
    photo = drawn("JPEG", exif=exif) + b"<script>alert(1)</script>"
    clean = files.inspect(sent(photo, "photo.jpg"), Rules())
    with Image.open(io.BytesIO(clean.content)) as fresh:
        assert (fresh.format, fresh.size, dict(fresh.getexif())) == ("JPEG", (20, 40), {})  # upright now
    assert (b"SECRET" in clean.content, b"script" in clean.content) == (False, False)


def test_a_picture_that_cannot_be_drawn_is_refused_even_where_documents_are_drawn():
    pdf.render("<p>Hello</p>")
    noise = io.BytesIO()
    Image.effect_noise((400, 400), 90).save(noise, "PNG")
    broken = noise.getvalue()[:2_000]
    assert refusal(broken, "x.png") == "x.png can't be taken: it is a damaged picture."


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bomb.getvalue(), "x.png") == "x.png can't be taken: it has too many pixels; make it smaller."
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000


# --- archives ---------------------------------------------------------------------------------------------------------


def bomb() -> bytes:
    target = io.BytesIO()
    with (
        ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/sheet.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(b"\0" * 2**20)
    return target.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked_whatever_it_is_called():
    content = bomb()
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("x.zip", "x.xlsx", "x.docx"):
        assert refusal(content, name) == f"{name} can't be taken: it is compressed more than any real file."
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped(**{"xl/a.bin": zipped(**{"b.txt": b"x"})}), "it holds another archive"),
        (zipped(**{f"xl/{n}": b"" for n in range(1_001)}), "it holds too many parts"),
        (zipped(**{"../../etc/x": b"x"}), "it names places outside itself"),
        (zipped(**{"[Content_Types].xml": b"<a/>", "xl/vbaProject.bin": b"x"}), "it holds a program"),
        (zipped(**{"xl/a.xml": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a/>"}),
         "it declares a document type, as no spreadsheet does"),
    ],
)  # fmt: skip
def test_tricks_in_an_archive_are_refused(content, why):
    assert refusal(content, "x.xlsx") == f"x.xlsx can't be taken: {why}."


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("../../x", "x.pdf"),
        ("/etc/x", "x.pdf"),
        ("C:\\x", "x.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("CON", "_CON.pdf"),
        ("con.pdf", "_con.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("x.pdf.exe", "x.pdf"),
        ("invoice v1.2", "invoice v1.2.pdf"),
        ("x\u202efdp.exe", "xfdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie x=1.pdf"),
        ('say "hi".pdf', "say hi .pdf"),
        ("", "file.pdf"),
        ("…", "….pdf"),
        ("Предложение №5.PDF", "Предложение №5.PDF"),
    ],
)
def test_a_name_is_cleaned_before_anybody_sees_it(came, shown):
    assert names.safe_name(came, (".pdf",)) == shown.replace("say hi .pdf", "say hi.pdf")


@pytest.mark.parametrize("came", ["a" * 300 + ".pdf", "🦊" * 255])
def test_a_long_name_is_shortened(came):
    assert len(names.safe_name(came, (".pdf",))) <= 85


# --- keeping and lending ----------------------------------------------------------------------------------------------


def keep(cast, content: bytes = PDF, name: str = "Angebot „5“.pdf", **more) -> StoredFile:
    clean = files.inspect(sent(content, name), Rules())
    return files.keep(clean, partner_id=cast.acme.pk, by=cast.actor("ada"), at=now(), **more)


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def content_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def status(client: Client, path: str) -> int:
    answer = client.get(path)
    if answer.status_code == 302 and answer.headers["Location"].startswith("/files/"):
        answer = client.get(answer.headers["Location"])
    content_of(answer)
    return answer.status_code


def test_a_file_rests_under_a_name_of_our_own_with_its_hash(cast, settings):
    file = keep(cast, name="../../etc/passwd.pdf")
    [path] = [path for path in settings.FILES_ROOT.rglob("*") if path.is_file()]
    assert (path.name, path.read_bytes()) == (file.pk.hex, PDF)
    assert (file.name, file.sha256, file.came_sha256, file.size) == ("passwd.pdf", *[file.sha256] * 2, len(PDF))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_lent_as_an_attachment_that_no_browser_runs(cast):
    answer = as_(cast.ada).get(keep(cast).get_absolute_url(), follow=True)
    assert (answer.status_code, content_of(answer)) == (200, PDF)
    wanted = {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''Angebot%20%E2%80%9E5%E2%80%9C.pdf",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted


def test_another_partner_and_a_visitor_get_nothing(cast):
    file = keep(cast)
    lent = f"/files/lent/{lending.token(file, cast.ada.pk, now())}/"
    unused = StoredFile(pk=StoredFile().pk).get_absolute_url()
    rival, visitor = as_(cast.cy), Client()
    assert [status(rival, path) for path in (file.get_absolute_url(), lent, unused)] == [404, 404, 404]
    assert [status(visitor, path) for path in (file.get_absolute_url(), lent)] == [302, 404]
    assert status(as_(cast.mona), file.get_absolute_url()) == 200


def test_a_link_lent_to_the_rival_does_not_reach_across_the_wall(cast):
    stolen = lending.token(keep(cast), cast.cy.pk, now())
    assert as_(cast.cy).get(f"/files/lent/{stolen}/").status_code == 404


def test_a_changed_link_is_refused(cast):
    token = lending.token(keep(cast), cast.ada.pk, now())
    client = as_(cast.ada)
    changed = ("A" if token[3] != "A" else "B").join((token[:3], token[4:]))
    assert [status(client, f"/files/lent/{text}/") for text in (changed, "x", token)] == [403, 403, 200]


def test_a_link_ends_after_five_minutes_and_with_the_session(cast):
    file, client = keep(cast), as_(cast.ada)
    late = lending.token(file, cast.ada.pk, now() - timedelta(minutes=5))
    good = lending.token(file, cast.ada.pk, now() - timedelta(minutes=4, seconds=50))
    assert [status(client, f"/files/lent/{text}/") for text in (late, good)] == [404, 200]
    client.logout()
    assert client.get(f"/files/lent/{good}/").status_code == 404


def test_a_loose_file_belongs_to_one_record_once(cast):
    file = keep(cast)
    files.attach([file], cast.acme)
    assert list(files.of(cast.actor("ada"), [cast.acme])) == [file]
    assert list(files.of(cast.actor("cy"), [cast.acme])) == []
    with pytest.raises(Refused) as refused:
        files.attach([file], cast.cobalt)
    assert refused.value.code == "file_gone"


def test_loose_files_and_bytes_without_a_row_are_swept_after_a_day(cast, settings, django_capture_on_commit_callbacks):
    loose, used = keep(cast), keep(cast, subject=cast.acme)
    StoredFile.objects.filter(pk=(lost := keep(cast, subject=cast.acme)).pk).delete()  # as after a rollback
    with django_capture_on_commit_callbacks(execute=True):
        assert store.sweep(now() + timedelta(hours=23)) == 0
        assert store.sweep(now() + timedelta(hours=25)) == 2
    left = [path.name for path in settings.FILES_ROOT.rglob("*") if path.is_file()]
    assert (left, lost.pk.hex in left) == ([used.pk.hex], False)
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [used.pk]
    assert loose.pk != used.pk


def test_a_full_disk_is_told_and_leaves_no_row(cast, settings, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    settings.FILES_ROOT = tmp_path / "taken"
    with pytest.raises(Refused) as refused:
        keep(cast)
    assert (refused.value.code, StoredFile.objects.count()) == ("no_space", 0)
