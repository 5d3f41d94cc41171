"""A network of the tests' own: an HTTP server that says what it is told to and remembers."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class StubNetwork:
    """Answers each request with what `answer` writes to the raw connection."""

    answer: Callable[[BaseHTTPRequestHandler, Heard], None]
    heard: list[Heard] = field(default_factory=list)
    url: str = ""


class Listener(ThreadingHTTPServer):
    """Holds as many callers as come at once; the standard five make the others wait a second."""

    request_queue_size = 128
    daemon_threads = True


def says(
    status: int, body: bytes = b"{}", **headers: str
) -> Callable[[BaseHTTPRequestHandler, Heard], None]:
    """An answer with this status, body and headers."""

    def answer(connection: BaseHTTPRequestHandler, _: Heard) -> None:
        connection.send_response(status)
        for name, value in headers.items():
            connection.send_header(name.replace("_", "-"), value)
        connection.send_header("content-length", str(len(body)))
        connection.end_headers()
        connection.wfile.write(body)

    return answer


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Have a server answer, in a thread of its own, until the block ends."""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def stub_network(
    answer: Callable[[BaseHTTPRequestHandler, Heard], None] | None = None,
) -> Iterator[StubNetwork]:
    """Listen on a free port of this machine until the block ends."""
    network = StubNetwork(answer or says(204, b""))

    class Connection(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._hear()

        def do_POST(self) -> None:
            self._hear()

        def _hear(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            named = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.command, self.path, named, body)
            network.heard.append(heard)
            network.answer(self, heard)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Tests say enough."""

    server = Listener(("127.0.0.1", 0), Connection)
    network.url = f"http://127.0.0.1:{server.server_port}"
    with serving(server):
        yield network
