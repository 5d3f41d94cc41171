"""Snippets are facts: short, without greeting or signature, each kept by whose it is."""

import pytest

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.facts import LONGEST, why_no_fact
from apps.conversations.models import Snippet
from apps.conversations.operations import replying
from apps.conversations.operations.snippets import delete_snippet, save_snippet
from apps.conversations.queries.snippets import snippets_for
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, a_team, a_user, ana, conversation_of, mia

ADDRESS = "Acme Returns, 12 Long Road, Leeds LS1 4AB"


@pytest.mark.parametrize(
    "fact",
    [
        ADDRESS,
        "https://acme.example/status",
        "Hold the button for ten seconds. Wait for the green light. Then try again.",
        "Hofstraße 3, 10115 Berlin",
    ],
)
def test_facts(fact: str) -> None:
    assert why_no_fact(fact) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (f"Hi Kim, send it to {ADDRESS}", "begins with a greeting"),
        (f"{ADDRESS} ^AB", "ends with a signature"),
        (f"We are so sorry about that. Send it to {ADDRESS}", "a whole reply"),
        (f"{ADDRESS}. Thanks for reaching out!", "a whole reply"),
        ("a" * (LONGEST + 1), "281 characters"),
        ("One. Two. Three. Four. Five. Six. Seven.", "more than 6 sentences"),
    ],
)
def test_what_is_no_fact_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert reason in why_no_fact(text)


def _kept(name: str, *, by: User, text: str = ADDRESS, **fields: object) -> Snippet:
    snippet = Snippet(name=name, text=text, **fields)
    save_snippet(snippet=snippet, by=by, at=NOON)
    return snippet


@pytest.mark.django_db
def test_a_name_has_a_variant_in_each_language_and_the_customers_comes_first() -> None:
    channel, manager = a_channel(), mia()
    for language in ("", "fr", "de"):
        _kept("address", by=manager, team=channel.team, language=language, text=f"in {language}.")
    _kept("other", by=a_user("Ada Moreau", role="admin"), text="for all")
    asked = Kim(channel).writes("wo bleibt mein Router?", language="de-AT")
    found = [str(snippet) for snippet in snippets_for(conversation_of(asked))]
    assert found == ["address (de)", "address", "address (fr)", "other"]
    with pytest.raises(DeskError, match="one of this name in this language already"):
        _kept("address", by=manager, team=channel.team, language="de")
    with pytest.raises(DeskError, match="small letters"):
        _kept("My Address", by=manager, team=channel.team)


@pytest.mark.django_db
def test_managers_keep_their_teams_and_admins_the_desks() -> None:
    team, manager, agent = a_team(), mia(), ana()
    snippet = _kept("address", by=manager, team=team)
    for by, whose in ((agent, team), (manager, None), (manager, a_team("Others"))):
        with pytest.raises(DeskError, match="Managers keep"):
            _kept("another", by=by, team=whose)
    with pytest.raises(DeskError, match="Managers keep"):
        delete_snippet(snippet=snippet, by=agent, at=NOON)
    delete_snippet(snippet=snippet, by=manager, at=NOON)
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["snippet_saved", "snippet_deleted"]


@pytest.mark.django_db
def test_a_use_is_a_reply_that_was_sent_with_the_fact() -> None:
    channel, agent, manager = a_channel(), ana(), mia()
    used = _kept("address", by=manager, team=channel.team)
    unused = _kept("status", by=manager, team=channel.team, text="https://acme.example/status")
    conversation = conversation_of(Kim(channel).writes())
    replying.reply(
        conversation=conversation,
        text=f"Kim, send it to {ADDRESS}, and I swap it the same day ^AB",
        by=agent,
        session_key="s",
        at=NOON,
    )
    used.refresh_from_db()
    unused.refresh_from_db()
    assert (used.uses, used.last_used_at, unused.uses) == (1, NOON, 0)
