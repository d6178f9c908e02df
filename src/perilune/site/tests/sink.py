"""A real SMTP server on the loopback that keeps what it is sent; it can also refuse."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Sink:
    """Received messages; `refused` addresses get a permanent error."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refused: frozenset[str] = frozenset()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())

        say("220 sink")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                say("354 go on")
                data = await reader.readuntil(b"\r\n.\r\n")
                whole = data[:-5].replace(b"\r\n..", b"\r\n.")
                found = message_from_bytes(whole, policy=policy.default)
                assert isinstance(found, EmailMessage)
                self.messages.append(found)
                say("250 kept")
            elif verb == "RCPT" and any(address in line for address in self.refused):
                say("550 no such mailbox")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 fine")
        writer.close()


@contextmanager
def smtp_sink(refused: frozenset[str] = frozenset()) -> Iterator[Sink]:
    sink, ready, loop = Sink(refused=refused), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=2**24)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.create_task(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
