"""A mail server on a port of its own, which answers as a test tells it to."""

import socketserver
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.stub_network import serving


@dataclass
class MailServer:
    """Speaks SMTP; `letters` are those it took.

    `recipients` and `content` are what it answers to RCPT and to the end of a letter, as in
    "451 later"; empty means that it takes it, and "silence" that it hangs up without a word.
    """

    recipients: str = ""
    content: str = ""
    letters: list[str] = field(default_factory=list)

    def __enter__(self) -> "MailServer":
        mail = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                mail._serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self._serving = ExitStack()
        self._serving.enter_context(serving(self._server))
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def _serve(self, session: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            session.wfile.write(f"{line}\r\n".encode())

        say("220 here")
        while word := session.rfile.readline().decode().strip().upper():
            if word.startswith("DATA"):
                say("354 go on")
                letter = self._letter(session)
                if self.content == "silence":
                    return
                if not self.content:
                    self.letters.append(letter)
                say(self.content or "250 taken")
            elif word.startswith("RCPT") and self.recipients:
                say(self.recipients)
            elif word.startswith("QUIT"):
                say("221 bye")
                return
            else:
                say("250 fine")

    def _letter(self, session: socketserver.StreamRequestHandler) -> str:
        lines = []
        while (line := session.rfile.readline().decode()).strip() != ".":
            lines.append(line)
        return "".join(lines)
