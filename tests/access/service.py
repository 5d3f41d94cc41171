"""A sign-in service on a port of its own: OpenID Connect, as far as a desk needs it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import jwt

from tests.stub_network import Heard, StubNetwork, says, stub_network

CLIENT, SECRET = "desk", "a secret for tests, of thirty-two characters"


class Service:
    """Says of everybody who comes what `claims` say."""

    def __init__(self, network: StubNetwork) -> None:
        self.issuer = network.url
        self._network = network
        self.claims: dict[str, object] = {}

    @property
    def asked(self) -> list[dict[str, list[str]]]:
        """What the desk sent with each request for a token."""
        posts = [heard for heard in self._network.heard if heard.method == "POST"]
        return [parse_qs(heard.body.decode()) for heard in posts]

    def answer(self, connection: BaseHTTPRequestHandler, heard: Heard) -> None:
        """Tell of itself, of whoever comes, or hand out a token."""
        said = {
            "/.well-known/openid-configuration": self.described,
            "/me": lambda: self.claims,
            "/token": self.token,
        }[heard.path]()
        says(200, json.dumps(said).encode(), content_type="application/json")(connection, heard)

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


@contextmanager
def sign_in_service() -> Iterator[Service]:
    """Have one answer until the block ends."""
    with stub_network() as network:
        service = Service(network)
        network.answer = service.answer
        yield service
