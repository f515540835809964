"""Holds live streams open: a helping process, because one cannot measure and hold thousands at once."""

from __future__ import annotations

import asyncio
import resource
import sys

import click

from webapp.people.accounts.views.browser import SESSION_COOKIE

READY = "ready"
AT_ONCE = 50


@click.command()
@click.argument("port", type=int)
def main(port: int) -> None:
    """Open one stream for each token on the standard input; hold them until the input ends."""
    tokens = sys.stdin.readline().split()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_hold(port, tokens))


async def _hold(port: int, tokens: list[str]) -> None:
    turn = asyncio.Semaphore(AT_ONCE)
    streams = await asyncio.gather(*(_open(port, token, turn) for token in tokens))
    reading = [asyncio.create_task(_read(reader)) for reader, _writer in streams]
    click.echo(READY)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for task in reading:
        task.cancel()


async def _open(
    port: int, token: str, turn: asyncio.Semaphore
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    request = (
        f"GET /notes/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {SESSION_COOKIE}={token}\r\n\r\n"
    )
    async with turn:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.decode(errors="replace"))
        await reader.readuntil(b"event: connected")
    return reader, writer


async def _read(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


if __name__ == "__main__":
    main()
