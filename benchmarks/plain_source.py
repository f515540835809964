"""A sender as plain as can be, the reference where Postfix's cannot be had: sixteen sessions in lock step."""

from __future__ import annotations

import asyncio

import click

BODY = b"Subject: a measurement\r\n\r\n" + (b"x" * 76 + b"\r\n") * 52 + b".\r\n"


@click.command()
@click.argument("port", type=int)
@click.argument("count", type=int)
@click.argument("sessions", type=int)
def main(port: int, count: int, sessions: int) -> None:
    """Send so many mails over so many sessions."""
    asyncio.run(_send(port, count, sessions))


async def _send(port: int, count: int, sessions: int) -> None:
    shares = [count // sessions + (number < count % sessions) for number in range(sessions)]
    await asyncio.gather(*(_session(port, share) for share in shares))


async def _session(port: int, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def say(words: bytes) -> None:
        writer.write(words)
        while (await reader.readline())[3:4] == b"-":
            pass

    await say(b"")
    await say(b"EHLO localhost\r\n")
    for _ in range(count):
        for words in (b"MAIL FROM:<a@example.com>\r\n", b"RCPT TO:<b@example.com>\r\n", b"DATA\r\n", BODY):
            await say(words)
    await say(b"QUIT\r\n")
    writer.close()


if __name__ == "__main__":
    main()
