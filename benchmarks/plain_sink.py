"""A mail server that takes everything and counts, where Postfix's cannot be had: slower, but for all."""

from __future__ import annotations

import asyncio
import sys

import click

COUNT_EVERY_S = 0.02
OFFERS = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"


class Counter:
    """How many mails were taken, told as ``smtp-sink`` tells it."""

    def __init__(self) -> None:
        self.taken = 0

    async def tell(self) -> None:
        """Write the count whenever it has changed."""
        told = -1
        while True:
            if self.taken != told:
                told = self.taken
                sys.stdout.write(f"mesg={told}\r")
                sys.stdout.flush()
            await asyncio.sleep(COUNT_EVERY_S)


class Conversation(asyncio.Protocol):
    """One session: commands may come together, answers leave together."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._held = b""
        self._is_in_body = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            transport.write(b"220 sink ready\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer everything that is complete."""
        self._held += data
        answers = b"".join(iter(self._take, b""))
        if answers and self._transport:
            self._transport.write(answers)
            if answers.endswith(b"221 2.0.0 bye\r\n"):
                self._transport.close()

    def _take(self) -> bytes:
        """Take one command or one body from what is held and return its answer; empty when more must come."""
        if self._is_in_body:
            return self._take_body()
        line, end, rest = self._held.partition(b"\r\n")
        if not end:
            return b""
        self._held = rest
        verb = line[:4].upper()
        self._is_in_body = verb == b"DATA"
        return {
            b"EHLO": OFFERS,
            b"DATA": b"354 go on\r\n",
            b"QUIT": b"221 2.0.0 bye\r\n",
        }.get(verb, b"250 2.0.0 ok\r\n")

    def _take_body(self) -> bytes:
        _body, end, rest = self._held.partition(b"\r\n.\r\n")
        if not end:
            return b""
        self._held, self._is_in_body = rest, False
        self._counter.taken += 1
        return b"250 2.0.0 taken\r\n"


@click.command()
@click.argument("port", type=int)
def main(port: int) -> None:
    """Serve until the process is ended."""
    asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    counter = Counter()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(counter), "127.0.0.1", port)
    async with server:
        await counter.tell()


if __name__ == "__main__":
    main()
