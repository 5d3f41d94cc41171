"""120 addresses that a hostile or clumsy admin might type: nobody is connected to."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.common.guard import Guard, GuardError
from apps.common.guarded import exchange_guarded
from apps.common.http import Answer, Call, NoAnswer
from tests.stub_network import StubNetwork, says, stub_network
from tests.webhooks.hearing import listening

NOTHING_ALLOWED = Guard(allowed=[])
THIS_MACHINE = Guard(allowed=[ipaddress.ip_network("127.0.0.1/32")])


def words(text: str) -> list[str]:
    return text.split()


PRIVATE = words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.254 100.64.0.1 100.127.255.254 127.0.0.1 127.0.0.53
127.255.255.254 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.1
192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.19.255.254
198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
""")
PRIVATE_V6 = words("""
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1::1 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254
fe80::1 fec0::1 ff02::1 ff05::2
""")
SPELLINGS = words("""
2130706433 0x7f000001 017700000001 0x7f.1 0177.0.0.1 0x7f.0x0.0x0.0x1 127.1 127.0.1 0
2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 3232235521 0xc0a80001 10.1 localhost
LOCALHOST localhost. ip6-localhost 127.0.0.1. 127。0。0。1 ①②⑦.⓪.⓪.① 127.0.0.1%2f
""")
# Names that the stub resolver knows.
NAMES = {
    "internal.test": ["10.1.2.3"],
    "metadata.test": ["169.254.169.254"],
    "six.test": ["fd00::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "one-of-two.test": ["93.184.215.14", "127.0.0.1"],
    "the-other-of-two.test": ["127.0.0.1", "93.184.215.14"],
    "both-kinds.test": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
    "zone.test": ["fe80::1%1"],
    "plain.test": ["93.184.215.14"],
    "xn--bcher-kva.test": ["192.168.1.1"],
}


def addresses(port: int) -> list[str]:
    """All of them; where something could listen, `port` does."""
    plain = [f"http://{address}:{port}/" for address in PRIVATE]
    six = [f"https://[{address}]:{port}/" for address in PRIVATE_V6]
    spelt = [f"http://{host}:{port}/" for host in SPELLINGS]
    named = [f"https://{name}:{port}/" for name in NAMES if name != "plain.test"]
    tricks = [
        f"http://plain.test:{port}/",  # public, yet not by TLS
        f"http://user@127.0.0.1:{port}/",
        f"http://user:password@127.0.0.1:{port}/",
        f"https://plain.test@127.0.0.1:{port}/",
        f"https://plain.test%40127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}#@plain.test/",
        f"http://127.0.0.1:{port}?@plain.test/",
        f"http://127.0.0.1:{port}\\@plain.test/",
        f"https://plain.test\\@127.0.0.1:{port}/",
        f"https:127.0.0.1:{port}/",
        f"https:/127.0.0.1:{port}/",
        f"http:///127.0.0.1:{port}/",
        f"//127.0.0.1:{port}/",
        f"127.0.0.1:{port}",
        f"http://[::1%25lo]:{port}/",
        f"http://[fe80::1%25eth0]:{port}/",
        f"http://[127.0.0.1]:{port}/",
        f"http://127.0.0.1:{port}\r\nhost: plain.test/",
        f"http://127.0.0.1\t:{port}/",
        f" http://127.0.0.1:{port}/",
        f"http://plain.test :{port}/",
        f"http://bücher.test:{port}/",
        f"http://127.0.0.1:{port}/%0d%0a",
        f"ftp://127.0.0.1:{port}/",
        f"gopher://127.0.0.1:{port}/_GET",
        f"ws://127.0.0.1:{port}/",
        f"unix://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "https://",
        "https://:443/",
        "https://.../",
        "https://127.0.0.1:99999999/",
        "",
    ]
    return [*plain, *six, *spelt, *named, *tricks]


class Connections(list[Any]):
    """Every address that a socket was connected to while `is_watching`."""

    is_watching = False

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_watching and event == "socket.connect":
            self.append(arguments[1])


_connections = Connections()
sys.addaudithook(_connections.hear)  # can't be taken away again, only ignored


@pytest.fixture
def connections() -> Iterator[Connections]:
    _connections.clear()
    _connections.is_watching = True
    yield _connections
    _connections.is_watching = False


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A resolver that knows NAMES, and remembers what it was asked; whatever else is real."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        asked.append(name)
        found = NAMES.get(name)
        if found is None:
            return real(host, port, *arguments, **options)
        return [
            (
                socket.AF_INET6 if ":" in ip else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (ip, port),
            )
            for ip in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def call(url: str, guard: Guard) -> Answer | NoAnswer:
    [answer] = exchange_guarded([Call(method="POST", url=url, body=b"{}")], seconds=5, guard=guard)
    return answer


@pytest.mark.usefixtures("resolved")
def test_none_of_120_hostile_addresses_is_connected_to(connections: Connections) -> None:
    with stub_network() as here:
        hostile = addresses(int(here.url.rsplit(":", 1)[1]))
        assert len(set(hostile)) >= 120
        calls = [Call(method="POST", url=url, body=b"{}") for url in hostile]
        answers = exchange_guarded(calls, seconds=5, guard=NOTHING_ALLOWED)
        assert connections == []
        assert here.heard == []
    for url, answer in zip(hostile, answers, strict=True):
        assert isinstance(answer, NoAnswer), url
        assert answer.nothing_left, url
        assert answer.reason, url


def test_the_watch_sees_what_is_connected_to(connections: Connections) -> None:
    with stub_network() as here:
        assert isinstance(call(f"{here.url}/x", THIS_MACHINE), Answer)
        assert len(connections) == len(here.heard) == 1


def test_what_is_allowed_is_allowed_to_the_address(connections: Connections) -> None:
    with stub_network() as here:
        other = here.url.replace("127.0.0.1", "127.0.0.2")
        assert isinstance(call(other, THIS_MACHINE), NoAnswer)
    assert connections == []


def test_a_name_that_changes_its_mind_is_resolved_once_and_called_where_it_was_judged(
    resolved: list[str], connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_network() as here:
        port = here.url.rsplit(":", 1)[1]

        class Rebinding(dict[str, list[str]]):
            def get(self, name: str, _: Any = None) -> Any:
                return ["127.0.0.1"] if resolved.count("rebinding.test") == 1 else ["127.0.0.2"]

        monkeypatch.setattr(sys.modules[__name__], "NAMES", Rebinding())
        answer = call(f"http://rebinding.test:{port}/x", THIS_MACHINE)
        assert isinstance(answer, Answer)
        assert [connected[0] for connected in connections] == ["127.0.0.1"]
        assert resolved.count("rebinding.test") == 1
        assert here.heard[0].headers["host"] == f"rebinding.test:{port}"


def test_a_redirect_leads_nowhere(connections: Connections) -> None:
    with stub_network() as secret, stub_network(says(302, location=secret.url)) as here:
        answer = call(here.url, THIS_MACHINE)
        assert isinstance(answer, Answer)
        assert answer.status == 302
        assert len(connections) == 1
        assert secret.heard == []


@pytest.mark.parametrize(
    "address", ["https://user@example.com/", "https://example.com/#x", "ftp://example.com", "x"]
)
def test_what_can_never_be_called_is_refused_with_words(address: str) -> None:
    with pytest.raises(GuardError, match=r"\.$"):
        NOTHING_ALLOWED.read(address)


@pytest.mark.django_db
def test_an_admin_is_told_while_typing(ada: User) -> None:
    nowhere = StubNetwork(lambda *_: None, url="gopher://127.0.0.1")
    with pytest.raises(DeskError, match="whole address"):
        listening(nowhere, by=ada)
