"""The audit, for admins: who did what when; to everybody else it doesn't exist."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.agents.models import User
from apps.channels.models import Channel
from apps.console import wording
from apps.console.audit_form import AuditForm
from apps.console.files import Value, as_csv
from apps.console.views.access import SignedIn, for_admins, signed_in
from apps.ledger import auditing
from apps.ledger.auditing import Place
from apps.ledger.models import Event
from apps.ledger.recording import Entry, record

COLUMNS = [
    "at",
    "by_id",
    "by",
    "command",
    "kind",
    "what",
    "about_id",
    "about",
    "conversation_id",
    "message_id",
    "channel_id",
    "customer_id",
    "team_id",
    "data",
]


@signed_in
@require_safe
@for_admins
def audit(request: SignedIn) -> HttpResponse:
    """List what people did, the newest first, as asked."""
    form = AuditForm(request.GET)
    after = Place.parse(request.GET["after"]) if "after" in request.GET else None
    rows, more = auditing.page(form.asked(), after=after)
    names = _names(rows)
    channels = {one.pk: str(one) for one in Channel.objects.all()}
    kept = {name: value for name, value in request.GET.items() if value and name != "after"}
    context = {
        "form": form,
        "rows": [
            (
                one,
                wording.doer(one, names),
                wording.deed(one.kind),
                wording.details(one.data),
                names.get(one.user_id or 0, ""),
                channels.get(one.channel_id or 0, ""),
            )
            for one in rows
        ],
        "is_narrowed": bool(kept),
        "is_newest": after is None,
        "kept": urlencode(kept),
        "older": urlencode({**kept, "after": str(more)}) if more else "",
    }
    status = 422 if form.errors else 200
    return render(request, "console/audit/page.html", context, status=status)


@signed_in
@require_POST
@for_admins
def export(request: SignedIn) -> StreamingHttpResponse:
    """Write all that is asked as CSV, line by line; that it was taken out is an event, too."""
    form = AuditForm(request.POST)
    asked, now = form.asked(), timezone.now()
    kept = {name: value for name, value in form.data.items() if name in form.fields and value}
    with transaction.atomic():
        data: dict[str, object] = {"asked": {name: str(value) for name, value in kept.items()}}
        record([Entry(kind="audit_exported", by_id=request.user.pk, data=data, quiet=True)], at=now)
    lines = _lines(auditing.deeds(asked).iterator())
    return as_csv(lines, filename=f"audit-{now:%Y-%m-%d}.csv")


def _lines(events: Iterable[Event]) -> Iterator[Sequence[Value]]:
    names = {user.pk: user.name for user in User.objects.only("name")}
    yield COLUMNS
    for event in events:
        yield _cells(event, names)


def _cells(event: Event, names: Mapping[int, str]) -> list[Value]:
    return [
        event.at.isoformat(),
        event.by_id,
        names.get(event.by_id or 0, ""),
        event.command or "",
        event.kind,
        wording.deed(event.kind),
        event.user_id,
        names.get(event.user_id or 0, ""),
        event.conversation_id,
        event.message_id,
        event.channel_id,
        event.customer_id,
        event.team_id,
        json.dumps(event.data, ensure_ascii=False),
    ]


def _names(rows: Iterable[Event]) -> dict[int, str]:
    ids = {number for one in rows for number in (one.by_id, one.user_id) if number}
    return {user.pk: user.name for user in User.objects.filter(id__in=ids).only("name")}
