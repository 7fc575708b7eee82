"""A line to Redis that can be cut, or go silent."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path


class Line:
    """A TCP port that leads to a unix socket: `open` passes all on, `cut` refuses, `silent` takes calls and says nothing."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.mode = "open"
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._calls: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        ready = threading.Event()
        self._loop.call_soon(ready.set)
        self._thread.start()
        ready.wait(5)
        self._ask(self._listen())

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def set(self, mode: str) -> None:
        """Changes the line for calls that are going on, too."""
        self._ask(self._change(mode))

    def close(self) -> None:
        self.set("cut")
        self._ask(asyncio.sleep(0.05))  # the calls end
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _ask(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._call, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _change(self, mode: str) -> None:
        self.mode = mode
        if mode == "cut" and self._server:
            self._server.close()
            self._server = None
        if mode == "cut":
            for call in list(self._calls):
                call.transport.abort()
        if mode != "cut" and self._server is None:
            await self._listen()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._calls.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_unix_connection(str(self.socket))
            self._calls.add(far_writer)
            there, back = self._pass(reader, far_writer), self._pass(far_reader, writer)
            await asyncio.gather(there, back, return_exceptions=True)
            far_writer.close()
            self._calls.discard(far_writer)
        writer.close()
        self._calls.discard(writer)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while words := await source.read(65536):
            while self.mode == "silent":  # what was said in the silence is heard after it
                await asyncio.sleep(0.02)
            target.write(words)
            await target.drain()
        with suppress(OSError):
            target.write_eof()
