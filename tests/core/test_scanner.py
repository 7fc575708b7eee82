"""Files are scanned before they are taken, by a server that speaks clamd's protocol."""

import socket
import threading
from collections.abc import Iterator
from struct import unpack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import files
from core.errors import Refused

PDF = b"%PDF-1.7\n" + b"1 0 obj\n<</Type/Catalog>>\nendobj\n" * 5000  # more than one part
HARMFUL = b"known to be harmful"


class Clamd:
    """Answers one file at a time; `says` overrules what it thinks of it."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening, self.seen, self.says = listening, [], b""
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                line, _who = self.listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as heard:
                self.seen.append(self.read(heard))
                verdict = b"Eicar-Test FOUND" if HARMFUL in self.seen[-1] else b"OK"
                line.sendall(self.says or b"stream: " + verdict + b"\0")

    def read(self, heard) -> bytes:
        assert heard.read(10) == b"zINSTREAM\0"
        content = b""
        while size := unpack("!I", heard.read(4))[0]:
            content += heard.read(size)
        return content


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, settings, tmp_path) -> Iterator[Clamd]:
    if request.param == "unix":
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / "clamd"))
        listening.listen()
        settings.CLAMAV_URL = f"unix://{tmp_path}/clamd"
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    settings.FILE_SCANNER = "prm.clamav.scan"
    server = Clamd(listening)
    yield server
    listening.shutdown(socket.SHUT_RDWR)
    server.thread.join()
    listening.close()


def sent(content: bytes) -> files.Clean:
    return files.inspect(SimpleUploadedFile("x.pdf", content), files.Rules())


def test_a_harmless_file_is_read_whole_and_taken(clamd):
    assert sent(PDF).content == PDF
    assert clamd.seen == [PDF]


def test_a_harmful_file_is_refused_with_its_name(clamd):
    with pytest.raises(Refused, match=r"x.pdf can't be taken: our virus scanner recognises it as harmful\.") as refused:
        sent(PDF + HARMFUL)
    assert refused.value.code == "file_refused"


def test_a_scanner_that_fails_lets_nothing_through(clamd):
    clamd.says = b"INSTREAM size limit exceeded. ERROR\0"
    with pytest.raises(Refused, match="Files can't be checked just now"):
        sent(PDF)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd"])
def test_a_scanner_that_is_away_lets_nothing_through(settings, address):
    settings.CLAMAV_URL, settings.FILE_SCANNER = address, "prm.clamav.scan"
    with pytest.raises(Refused) as refused:
        sent(PDF)
    assert refused.value.code == "scanner_away"


def test_without_an_address_nothing_is_scanned(settings):
    settings.CLAMAV_URL, settings.FILE_SCANNER = "", ""
    assert sent(PDF).content == PDF
