"""The proxy with its real program and the file's own configuration, where Caddy is installed."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.compose.desk import HOST, ComposeDesk
from tests.compose.files import compose
from tests.live.processes import free_port, wait_until_open

pytestmark = pytest.mark.skipif(
    shutil.which("caddy") is None,
    reason="no Caddy on this machine; tests/compose/test_files.py reads its routes",
)
EMAIL, PASSWORD = "ada@proxy.example", "seven brave otters"


@pytest.fixture(scope="module")
def origin(desk: ComposeDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The desk's one address; only places and the certificate's maker differ from the file."""
    folder = tmp_path_factory.mktemp("proxy")
    read = compose(desk.variables)
    site = read["configs"]["proxy"]["content"]
    site = site.replace("live:8001", f"127.0.0.1:{desk.live}")
    site = site.replace("web:8000", f"127.0.0.1:{desk.web}")
    here = f"admin 127.0.0.1:{free_port()}\nauto_https disable_redirects\nskip_install_trust\n"
    (folder / "Caddyfile").write_text(site.replace("{\n", f"{{\n{here}", 1))
    command = [
        word.replace("/etc/caddy", str(folder)) for word in read["services"]["proxy"]["command"]
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until_open(desk.proxy)
        _wait_for_certificate(origin := f"https://{HOST}:{desk.proxy}")
        yield origin
    finally:
        process.terminate()
        process.wait(20)


def _wait_for_certificate(origin: str) -> None:
    """Caddy listens before it has signed its first certificate."""
    end = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{origin}/healthz", verify=False)
        except httpx.ConnectError:
            assert time.monotonic() < end, "the proxy has no certificate"
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def somebody(origin: str) -> Iterator[httpx.Client]:
    """Someone at a browser; the certificate of a name nobody owns can't be checked."""
    with httpx.Client(base_url=origin, verify=False, timeout=20) as client:
        yield client


def test_one_origin_serves_pages_styles_and_the_live_stream(somebody: httpx.Client) -> None:
    page = somebody.get("/accounts/login/")
    assert page.status_code == 200
    [style] = re.findall(r'href="(/static/console/css/base\.[0-9a-f]+\.css)"', page.text)
    assert somebody.get(style).headers["content-encoding"] in {"gzip", "zstd", "br"}
    assert (
        somebody.get("/live").text
        == "Nobody is signed in here. Sign in to the desk, then open this again."
    )


def test_a_person_signs_in_and_hears_at_once(
    somebody: httpx.Client, origin: str, desk: ComposeDesk
) -> None:
    made = desk.run(
        "web",
        ["python", "manage.py", "create_admin", f"--email={EMAIL}", "--name=Ada"],
        NEW_PASSWORD=PASSWORD,
    )
    assert made.returncode == 0, made.stderr
    somebody.get("/accounts/login/")
    form = {
        "login": EMAIL,
        "password": PASSWORD,
        "csrfmiddlewaretoken": somebody.cookies["csrftoken"],
    }
    signed_in = somebody.post("/accounts/login/", data=form, headers={"origin": origin})
    assert signed_in.status_code == 302
    with somebody.stream("GET", "/live", headers={"origin": origin}) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        assert "content-encoding" not in stream.headers
        assert next(stream.iter_lines())
