"""`manage.py add_policy` promises, or says what to correct."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.sla.queries import present_policies
from tests.people import a_channel, a_team

pytestmark = pytest.mark.django_db


def test_a_policy_is_added_at_the_end_of_the_list() -> None:
    channel, out = a_channel(), io.StringIO()
    call_command("add_policy", "--name", "Direct", "--first-response", "5", "--surface", "direct")
    call_command(
        "add_policy", "--name", "Acme", "--next-response", "30", "--channel", "@acme", stdout=out
    )
    first, second = present_policies()
    assert (first.name, first.surface, first.first_response_minutes) == ("Direct", "direct", 5)
    assert (second.channel, second.next_response_minutes, second.warn_percent) == (channel, 30, 80)
    assert "Acme is number 2 of the list" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "at least one target"),
        (["--first-response", "5", "--team", "Cars"], "there are none called Cars"),
        (["--first-response", "5", "--hours", "Night"], "there are none called Night"),
        (["--first-response", "0"], "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(options: list[str], sentence: str) -> None:
    a_team()
    with pytest.raises(CommandError, match=sentence):
        call_command("add_policy", "--name", "Fast", *options)
    assert present_policies() == []
