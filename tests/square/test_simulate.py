"""Synthetic customers: the same seed says the same, over HTTP alone, and Ctrl-C ends it cleanly."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.common.text import graphemes
from apps.square import operations, rules
from apps.square.models import Post
from socialdesk.simulation.phrases import WEIGHTS
from socialdesk.simulation.run import Simulation
from socialdesk.simulation.script import Line, first_posts, reply
from socialdesk.simulation.visitor import Visitor
from tests.square.people import acme

ROOT = Path(__file__).parents[2]


def script(*, seed: int = 1, length: int = 500, brands: Sequence[str] = ("acme",)) -> list[Line]:
    return list(islice(first_posts(seed=seed, rate=60, brands=brands), length))


def test_the_same_seed_says_the_same_and_another_says_something_else() -> None:
    assert script(seed=7) == script(seed=7)
    assert script(seed=7) != script(seed=8)


def test_posts_come_at_the_rate_on_average() -> None:
    mean = sum(line.pause for line in script(length=5_000)) / 5_000
    assert 0.95 < mean < 1.05


def test_every_line_may_be_posted_and_speaks_to_a_brand() -> None:
    for line in script(length=2_000, brands=["acme", "acme_shop"]):
        rules.text(line.text)
        rules.handle(line.handle)
        rules.language(line.language.tag)
        assert rules.mentioned(line.text) & {"ACME", "ACME_SHOP"}


def test_the_lines_are_varied() -> None:
    lines = script()
    assert len({line.text for line in lines}) > 350
    assert {line.language for line in lines} == set(WEIGHTS)
    assert any(graphemes(line.text) != len(line.text) for line in lines)


def test_some_customers_reply_and_always_the_same() -> None:
    lines = script()
    said = [reply(line, seed=1, turn=0) for line in lines]
    assert said == [reply(line, seed=1, turn=0) for line in lines]
    assert 0.5 < sum(text is not None for text in said) / len(said) < 0.7
    assert all(text is None or rules.text(text) for text in said)


@pytest.mark.django_db(transaction=True)
def test_customers_write_on_square_and_reply_to_the_brands_answers(
    live_server: LiveServer,
) -> None:
    brand = acme()
    simulation = Simulation(Visitor(f"{live_server.url}/square/"), seed=1, name="test")
    simulation._visitor.brands()
    lines = [line for line in script() if reply(line, seed=1, turn=0)][:3]
    soon = (
        Line(pause=0.01, handle=x.handle, name=x.name, text=x.text, language=x.language)
        for x in lines
    )

    def answer_everything() -> None:
        for post in Post.objects.filter(author__is_brand=False, answers__isnull=True):
            operations.post(author=brand, text="Hello ^AB", parent=post, at=timezone.now())

    simulation.play(soon, seconds=5, show=answer_everything)
    answer_everything()
    simulation._look_around()
    assert simulation.figures.posts == 3
    assert list(Post.objects.filter(root=None).order_by("id").values_list("text", flat=True)) == [
        line.text for line in lines
    ]
    replies = Post.objects.filter(author__is_brand=False).exclude(root=None)
    assert {post.text for post in replies} == {reply(line, seed=1, turn=0) for line in lines}
    assert {post.parent.author for post in replies if post.parent} == {brand}


def test_without_a_desk_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match=r"No desk answers at .* `make up`"):
        call_command("simulate", url="http://127.0.0.1:9/square/")


@pytest.mark.django_db(transaction=True)
def test_without_a_brand_or_at_a_wrong_address_it_says_what_to_do(live_server: LiveServer) -> None:
    with pytest.raises(CommandError, match="No brand is on Square"):
        call_command("simulate", url=f"{live_server.url}/square/")
    with pytest.raises(CommandError, match="There is no Square"):
        call_command("simulate", url=f"{live_server.url}/circle/")
    with pytest.raises(CommandError, match="--rate"):
        call_command("simulate", rate=0)


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_with_a_summary(live_server: LiveServer) -> None:
    acme()
    command = [sys.executable, "manage.py", "simulate", "--rate=600", "--minutes=5"]
    process = subprocess.Popen(
        [*command, f"--url={live_server.url}/square/"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not Post.objects.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert said.startswith("Stopped: ")
    assert "posts" in said
    assert "Traceback" not in complained
