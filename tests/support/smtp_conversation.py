"""One session of the scripted SMTP server: what it says, keeps and breaks."""

import socket
import struct
import time
from base64 import b64decode
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the sink starts conversations, so it knows this module
    from tests.support.smtp_sink import SmtpSink


class Gone(Exception):
    """The conversation is over."""


class Conversation:
    """One session, served until either side ends it."""

    def __init__(self, sink: "SmtpSink", sock: socket.socket) -> None:
        self.sink = sink
        self.sock = sock
        self.buffer = b""
        self.sender = ""
        self.recipients: list[str] = []
        self.is_mail_begun = False
        self.is_encrypted = False

    def run(self) -> None:
        try:
            self.sock.settimeout(0.05)
            # Several short replies in a row would wait for one another's acknowledgement.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.sink.is_implicit:
                self.start_tls()
            self.answer("greeting", "220 sink.test ready")
            while True:
                self.obey(self.read_line())
        except (Gone, OSError, ValueError):
            pass
        finally:
            self.sock.close()

    def obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        handler = getattr(self, f"on_{verb.lower()}", None)
        if handler is None:
            self.say("502 5.5.2 what?")
        else:
            handler(rest)

    def on_ehlo(self, _rest: str) -> None:
        self.is_mail_begun, self.recipients = False, []
        offers = list(self.sink.extensions)
        if self.sink.tls and not self.is_encrypted:
            offers.append("STARTTLS")
        if self.sink.logins:
            offers.append(f"AUTH {self.sink.mechanisms}")
        names = ["sink.test", *offers]
        lines = [f"250-{name}" for name in names[:-1]] + [f"250 {names[-1]}"]
        self.answer("ehlo", "\r\n".join(lines))

    def on_helo(self, _rest: str) -> None:
        self.say("250 sink.test")

    def on_starttls(self, _rest: str) -> None:
        self.answer("starttls", "220 go")
        if self.buffer:
            raise Gone
        self.start_tls()

    def on_auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            _, login, password = b64decode(initial or self.ask("")).decode().split("\0")
        else:
            login = b64decode(self.ask("VXNlcm5hbWU6")).decode()
            password = b64decode(self.ask("UGFzc3dvcmQ6")).decode()
        is_right = self.sink.logins.get(login) == password
        self.answer("auth", "235 2.7.0 welcome" if is_right else "535 5.7.8 wrong login or password")

    def on_mail(self, rest: str) -> None:
        if self.is_mail_begun:
            self.say("503 5.5.1 one mail at a time")
        elif self.answer("mail", "250 2.1.0 ok"):
            self.is_mail_begun = True
            self.sender = rest.partition("<")[2].partition(">")[0]
            self.recipients = []

    def on_rcpt(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        if not self.is_mail_begun:
            self.say("503 5.5.1 whose mail?")
        elif self.answer("rcpt", "250 2.1.5 ok", address):
            self.recipients.append(address)

    def on_data(self, _rest: str) -> None:
        # Who pipelines says DATA before it knows what became of its recipients (RFC 2920 §3.1).
        if not self.recipients and not self.sink.always_wants_data:
            self.say("554 5.5.1 no valid recipients")
            return
        if not self.answer("data", "354 go on"):
            return
        action = self.sink.action("body")
        if action:
            self.read_some()
            self.act(action)
            raise Gone
        while b"\r\n.\r\n" not in self.buffer:
            self.read_some()
        stuffed, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
        self.finish((b"\r\n" + stuffed).replace(b"\r\n..", b"\r\n.")[2:] + b"\r\n")

    def finish(self, raw: bytes) -> None:
        action = self.sink.action("dot")
        is_taken = action is None or action.startswith(("take-", "slow", "bye", "250"))
        if is_taken:
            answered = action is None or not action.startswith("take-")
            self.sink.keep(self.sender, tuple(self.recipients), raw, was_answered=answered)
        self.is_mail_begun, self.recipients = False, []
        try:
            self.act(action.removeprefix("take-") if action else "250 2.0.0 taken")
        except OSError:
            if is_taken:
                self.sink.note_lost_answer(raw)
            raise

    def on_rset(self, _rest: str) -> None:
        if self.answer("rset", "250 ok"):
            self.is_mail_begun, self.recipients = False, []

    def on_quit(self, _rest: str) -> None:
        self.answer("quit", "221 bye")
        raise Gone

    def answer(self, step: str, usual: str, about: str = "") -> bool:
        """Reply as the script says, else as usual; tell whether the reply was a good one."""
        action = self.sink.action(step, about)
        if action is None:
            self.say(usual)
            return True
        return self.act(action)

    def act(self, action: str) -> bool:
        if action[0].isdigit():
            self.say(action)
            if action.startswith("421"):
                raise Gone
            return action[0] in "23"
        name, _, amount = action.partition("=")
        getattr(self, f"do_{name}")(*([float(amount)] if amount else []))
        return True

    def do_drop(self) -> None:
        raise Gone

    def do_rst(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    def do_hang(self) -> None:
        self.sink.wait(30)
        raise Gone

    def do_bye(self) -> None:
        self.say("250 2.0.0 taken, and that is all for today")
        raise Gone

    def do_slow(self, seconds: float = 0.8) -> None:
        self.sink.wait(seconds)
        self.say("250 2.0.0 taken, slowly")

    def do_trickle(self) -> None:
        while not self.sink.is_stopping:
            self.sock.sendall(b"2")
            self.sink.wait(0.05)
        raise Gone

    def do_flood(self) -> None:
        while not self.sink.is_stopping:
            self.send_all(b"220-more\r\n" * 1000)
        raise Gone

    def do_long(self) -> None:
        while not self.sink.is_stopping:
            self.send_all(b"x" * 65_536)
        raise Gone

    def do_inject(self) -> None:
        self.say("220 go\r\n250-sink.test\r\n250 AUTH PLAIN")

    def ask(self, challenge: str) -> str:
        self.say(f"334 {challenge}")
        return self.read_line()

    def say(self, text: str) -> None:
        self.send_all(text.encode() + b"\r\n")

    def send_all(self, octets: bytes) -> None:
        self.sock.settimeout(5)
        self.sock.sendall(octets)
        self.sock.settimeout(0.05)

    def start_tls(self) -> None:
        action = self.sink.action("handshake")
        context = self.sink.tls if action != "stranger" else self.sink.tls_of_a_stranger
        assert context is not None
        if action and action != "stranger":
            self.act(action)
        self.sock.settimeout(5)
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.sock.settimeout(0.05)
        self.is_encrypted = True

    def read_line(self) -> str:
        while b"\r\n" not in self.buffer:
            self.read_some()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        self.sink.lines.append(line.decode())
        if not self.is_encrypted:
            self.sink.clear_lines.append(line.decode())
        return line.decode()

    def read_some(self) -> None:
        ends_at = time.monotonic() + 30
        while not self.sink.is_stopping and time.monotonic() < ends_at:
            try:
                octets = self.sock.recv(65_536)
            except TimeoutError:
                continue
            if not octets:
                raise Gone
            self.buffer += octets
            return
        raise Gone
