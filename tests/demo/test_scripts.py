"""The scripts of the demo can all be played, whoever is cast."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from apps.square.rules import TEXT_LIMIT
from socialdesk.demo.cast import BRANDS, COLLEAGUES
from socialdesk.demo.casting import BRAND_SHARES
from socialdesk.demo.crowd import gather
from socialdesk.demo.script import ScriptError, Sign, read_all
from socialdesk.demo.wording import Wording

NOW = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
ROOM_FOR_A_HANDLE = len("@acmebikes  ^AB 🙏")
SCRIPTS = read_all()


def test_every_line_can_be_filled_in_and_fits_on_square() -> None:
    for script in SCRIPTS:
        for text in [text for turn in script.turns for text in turn.texts] + script.welcome:
            wording = Wording(script.lists, Random(1), first="Maximiliana", language="en")
            said = wording.fill(text, at=NOW, agent="Lucía")
            assert "{" not in said
            assert len(said) <= TEXT_LIMIT - ROOM_FOR_A_HANDLE


def test_every_script_begins_with_a_customer_and_ends_with_somebody_answering() -> None:
    for script in SCRIPTS:
        signs = [turn.sign for turn in script.turns]
        assert signs[0] is Sign.CUSTOMER, script.title
        assert {Sign.COLLEAGUE, Sign.REASON} & set(signs), script.title


def test_there_are_enough_scripts_that_fifty_rows_show_few_twice() -> None:
    assert len(SCRIPTS) >= 60
    openings = {text for script in SCRIPTS for text in script.turns[0].texts}
    assert len(openings) >= 200


def test_somebody_of_the_brands_team_speaks_every_language_of_its_scripts() -> None:
    teams = {brand.handle: brand.team for brand in BRANDS}
    assert set(BRAND_SHARES) == set(teams)
    for script in SCRIPTS:
        spoken = {
            language
            for colleague in COLLEAGUES
            if teams[script.brand] in colleague.teams
            for language in ("en", *colleague.languages)
        }
        assert script.language in spoken, script.title


def test_every_customer_has_a_brand_that_understands_them() -> None:
    understood = {script.language for script in SCRIPTS if not script.tags}
    assert {customer.language for customer in gather(Random(1))} <= understood


def test_no_two_customers_have_the_same_handle() -> None:
    handles = [customer.handle.lower() for customer in gather(Random(1))]
    assert len(handles) == len(set(handles))


def test_a_line_that_means_nothing_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "acme.en.txt").write_text("== a title\n> hello\n\nno sign here\n")
    with pytest.raises(ScriptError, match=r"acme\.en\.txt, line 4"):
        read_all(tmp_path)
