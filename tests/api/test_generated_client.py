"""A Python client, generated from the description alone, goes the main way at the real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from apps.agents.models import Team, User
from apps.conversations.models import Message
from apps.intake.operations import drain
from tests import people
from tests.api.conftest import a_token

NAME = "generated_desk_client"


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Any]:
    """Generate it where nothing is left of it; returns what imports a part of it."""
    description, config = tmp_path / "schema.json", tmp_path / "config.json"
    description.write_text(Client().get("/api/v1/schema/").text)
    config.write_text(json.dumps({"post_hooks": []}))
    there = Path(sys.executable).parent / "openapi-python-client"
    done = subprocess.run(
        [
            there,
            "generate",
            "--path",
            description,
            "--config",
            config,
            "--meta",
            "none",
            "--output-path",
            tmp_path / NAME,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda part: import_module(f"{NAME}.{part}")
    for module in [name for name in sys.modules if name.startswith(NAME)]:
        del sys.modules[module]


def test_the_main_way(
    generated: Any, live_server: Any, care: Team, ana: User, now: datetime
) -> None:
    phone = people.a_channel("Phone", team=care)
    phone.network = "generic"
    phone.save()
    token = a_token(ana, "read", "write", "inbound")
    client = generated("client").AuthenticatedClient(live_server.url, token=token)
    models = generated("models")

    def calls(operation: str, *path: object, expected: int = 200, **said: Any) -> Any:
        answer = generated(f"api.{operation}").sync_detailed(*map(str, path), client=client, **said)
        assert answer.status_code == expected, answer.content
        return answer.parsed

    call = models.InboundRequest(
        id="call-1",
        author_id="+49301234",
        author_handle="+49 30 1234",
        author_name="Kim Lee",
        text="Please call me back about my router.",
        posted_at=now,
    )
    kept = calls("channels.channels_messages_create", phone.pk, body=call, expected=202)
    assert kept.messages == 1
    drain()
    [waiting] = calls("conversations.conversations_list", is_waiting=True).results
    taken = calls("conversations.conversations_take_create", waiting.id)
    assert (taken.assignee, taken.is_waiting) == (ana.pk, True)
    note = models.NoteRequest(text="Her line was replaced in May.")
    for _ in range(2):
        noted = calls(
            "conversations.conversations_notes_create",
            waiting.id,
            body=note,
            idempotency_key="once",
            expected=201,
        )
    assert Message.objects.get(direction="note").pk == noted.id
    draft = models.DraftRequest(text="Dear Kim, we call at noon.")
    calls("conversations.conversations_draft_update", waiting.id, body=draft)
    reply = models.ReplyRequest(text="Dear Kim, we call at noon.")
    refused = calls(
        "conversations.conversations_reply_create", waiting.id, body=reply, expected=403
    )
    assert refused.detail.startswith("A person does this")
    reason = models.ReasonRequest(no_reply_needed="We called.")
    resolved = calls("conversations.conversations_resolve_create", waiting.id, body=reason)
    assert resolved.state == "resolved"
    assert {one.type_ for one in calls("events.events_list", kind="received").results} <= {
        "received"
    }
    assert isinstance(client.get_httpx_client(), httpx.Client)
