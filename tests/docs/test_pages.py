"""What the documentation says is so: its links, its lists, the names it takes from the code."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

from apps.channels.connector import InboundMessage
from apps.channels.connectors.square import parsing
from tests.docs.pages import CHECKOUT, PAGES, blocks, first_cells, links, name

REFERENCE = CHECKOUT / "docs" / "reference"
SETTINGS = CHECKOUT / "socialdesk" / "settings.py"
FILLED_IN = {"DATABASE_URL", "REDIS_URL"}  # by manage.py, with the address of the desk's own server


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_every_link_leads_somewhere(document: Path) -> None:
    lost = [link for link in links(document) if not (document.parent / link.split("#")[0]).exists()]
    assert lost == []


def test_every_page_is_in_the_index() -> None:
    index = CHECKOUT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    assert {page for page in PAGES if page.parent != CHECKOUT} - listed == {index}


def defaults_in_settings() -> dict[str, ast.expr]:
    """The names that settings.py takes from the environment, with their defaults."""
    calls = [
        node
        for node in ast.walk(ast.parse(SETTINGS.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.")
    ]
    return {
        ast.literal_eval(call.args[0]): call.keywords[0].value
        for call in sorted(calls, key=lambda call: call.lineno, reverse=True)
    }


def test_the_settings_page_lists_exactly_what_the_settings_read() -> None:
    listed = first_cells(REFERENCE / "settings.md")
    assert len(listed) == len(set(listed))
    assert set(listed) == set(defaults_in_settings())


@pytest.mark.parametrize("setting", sorted(defaults_in_settings()))
def test_the_settings_page_tells_the_default(setting: str) -> None:
    default = defaults_in_settings()[setting]
    text = (REFERENCE / "settings.md").read_text()
    [told] = re.findall(rf"^\| `{setting}` \| (.*?) \|", text, re.MULTILINE)
    try:
        value = ast.literal_eval(default)
    except ValueError:
        value = None  # it follows from other settings
    if isinstance(value, list):
        value = ",".join(value)
    if setting in FILLED_IN or (not value and value != 0):
        assert re.search("[a-z]{2}", told), "this default takes words"
    else:
        assert told == f"`{int(value) if isinstance(value, bool) else value}`"


def test_the_commands_page_lists_exactly_the_commands_there_are() -> None:
    told = [cell.split() for cell in first_cells(REFERENCE / "commands.md")]
    targets = set(re.findall(r"^([a-z]+):.*## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    assert {words[1] for words in told if words[0] == "make"} == targets
    folder = CHECKOUT / "socialdesk" / "management" / "commands"
    ours = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {words[0] for words in told if words[0] != "make"} == ours


def test_square_delivers_what_the_reference_shows() -> None:
    [example] = blocks(REFERENCE / "webhooks-and-square.md", "json")
    [message] = parsing.parse(json.dumps(json.loads(example)).encode(), own_id="u2")
    assert isinstance(message, InboundMessage)
    assert (message.external_id, message.author_name) == ("1042", "Kim Lee")


def test_the_architecture_is_short() -> None:
    assert len((CHECKOUT / "ARCHITECTURE.md").read_text().splitlines()) <= 150


def named_in(page: Path) -> list[tuple[str, str]]:
    """Return the files a page names as code, each with the name within it or nothing."""
    return re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.\w+)(?::(\w+))?`", page.read_text())


@pytest.mark.parametrize(
    ("file", "within"), named_in(CHECKOUT / "ARCHITECTURE.md"), ids=lambda word: str(word)
)
def test_what_the_architecture_names_is_there(file: str, within: str) -> None:
    steps = CHECKOUT / "apps" / "conversations" / "operations" / "receiving"
    styles = CHECKOUT / "apps" / "console" / "static" / "console" / "css"
    project = CHECKOUT / "socialdesk"
    places = [folder / file for folder in (CHECKOUT, project, steps, styles)]
    found = [place for place in places if place.exists()]
    assert found
    if within:
        tree = ast.parse(found[0].read_text())
        assert within in {_name(node) for node in tree.body}


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


def test_every_folder_of_tests_that_the_architecture_names_is_there() -> None:
    [row] = re.findall(r"^\| `tests/` \|.*$", (CHECKOUT / "ARCHITECTURE.md").read_text(), re.M)
    for folder in re.findall(r"`(\w+)`", row):
        assert (CHECKOUT / "tests" / folder).is_dir()


def test_the_rooms_drawn_are_the_rooms_there_are() -> None:
    [drawing] = blocks(CHECKOUT / "ARCHITECTURE.md", "")
    drawn = re.findall(r"^(\w+)(?: \| (\w+))?", drawing, re.MULTILINE)
    rooms = {path.parent.name for path in (CHECKOUT / "apps").glob("*/__init__.py")}
    assert {room for pair in drawn for room in pair if room} == rooms


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\n## {version}\n" in (CHECKOUT / "CHANGELOG.md").read_text()


def test_the_licence_is_the_one_that_pyproject_names() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert (
        "Apache License\n                           Version 2.0"
        in (CHECKOUT / "LICENSE").read_text()
    )
