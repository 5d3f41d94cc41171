"""A sign-in service on a port of its own: OpenID Connect, as far as a desk needs it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs

import jwt

CLIENT, SECRET = "desk", "a secret for tests, of thirty-two characters"


class Service:
    """Says of everybody who comes what `claims` say."""

    def __init__(self) -> None:
        self.claims: dict[str, object] = {}
        self.asked: list[dict[str, list[str]]] = []

    def __enter__(self) -> "Service":
        service = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._say(service.described())
                elif self.path == "/me":
                    self._say(service.claims)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                service.asked.append(parse_qs(body))
                self._say(service.token())

            def _say(self, said: object) -> None:
                raw = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def described(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self) -> dict[str, object]:
        said = {"iss": self.issuer, "aud": CLIENT, "exp": 4_000_000_000, "iat": 1_700_000_000}
        id_token = jwt.encode({**said, **self.claims}, SECRET, algorithm="HS256")
        return {"access_token": "t", "token_type": "Bearer", "id_token": id_token}
