"""The two files, read closely: no container engine is at hand where these tests run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from socialdesk.servers.postgres import CLUSTER
from socialdesk.supervisor.parts import all_parts
from tests.compose.files import (
    CHECKOUT,
    COMPOSE,
    GIVEN,
    MissingError,
    compose,
    copied_from_checkout,
    instructions,
)


def test_the_compose_file_fits_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", GIVEN)
def test_a_missing_variable_is_told_with_what_to_do(name: str) -> None:
    with pytest.raises(MissingError, match=rf"^{name} is missing in \.env; (make one|the name)"):
        compose({**GIVEN, name: ""})


def test_every_process_of_the_desk_is_a_service_with_the_command_of_make_up() -> None:
    services = compose(GIVEN)["services"]
    for part in all_parts():
        assert services[part.name]["command"] == ["python", "manage.py", "part", part.name]


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    services = compose(GIVEN)["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_every_service_is_started_again_and_all_but_two_are_asked_how_they_are() -> None:
    services = compose(GIVEN)["services"]
    assert services["migrate"]["restart"] == "on-failure"
    others = [service for name, service in services.items() if name != "migrate"]
    assert {service["restart"] for service in others} == {"unless-stopped"}
    unasked = {name for name, service in services.items() if "healthcheck" not in service}
    assert unasked == {"migrate", "scheduler"}


def test_the_database_lies_in_a_volume_where_postgres_18_keeps_it() -> None:
    read = compose(GIVEN)
    postgres = read["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "postgres" in read["volumes"]


def test_texts_sort_in_the_containers_as_they_do_on_one_machine() -> None:
    arguments = compose(GIVEN)["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert set(arguments.split()) == {word for word in CLUSTER if "loc" in word or "enc" in word}


def test_a_worker_that_is_told_to_stop_may_wait_for_the_networks_answer() -> None:
    worker = compose(GIVEN)["services"]["worker"]
    assert worker["stop_grace_period"] == "60s"


def test_one_origin_live_unbuffered_and_all_else_to_the_pages() -> None:
    site = compose(GIVEN)["configs"]["proxy"]["content"]
    form = (
        r"\{\s+grace_period 3s .*?\}\s+"
        r"(\S+) \{\s+handle /live \{(.*?\})\s+\}\s+handle \{(.*?)\}\s+\}\s*"
    )
    match = re.fullmatch(form, site, re.DOTALL)
    assert match
    host, live, pages = match.groups()
    assert host == "desk.example.com"
    assert re.sub(r"\s+", " ", live).strip() == "reverse_proxy live:8001 { flush_interval -1 }"
    assert re.sub(r"\s+", " ", pages).strip() == "encode zstd gzip reverse_proxy web:8000"
    assert compose(GIVEN)["services"]["web"]["environment"]["LIVE_URL"] == "/live"


def test_the_image_has_the_python_that_these_tests_run_on() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    bases = {one.words[0] for one in instructions("FROM")}
    assert bases == {f"python:{version}-slim"}


def test_the_image_runs_as_nobody_in_particular() -> None:
    [user] = instructions("USER")
    assert f" {user.rest}" in next(one.rest for one in instructions("RUN") if "useradd" in one.rest)


def test_what_the_image_copies_exists_and_is_not_kept_from_docker() -> None:
    patterns = (CHECKOUT / ".dockerignore").read_text().splitlines()
    let_in = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    assert patterns[1] == "*"
    sources = {source for names, _ in copied_from_checkout() for source in names}
    assert all((CHECKOUT / source).exists() for source in sources)
    assert sources == set(let_in)


def test_the_secrets_beside_the_compose_file_are_never_committed() -> None:
    assert "/.env" in (CHECKOUT / ".gitignore").read_text().splitlines()
