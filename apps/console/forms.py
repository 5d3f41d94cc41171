"""What people send to the console, parsed and checked."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import QuerySet

from apps.channels.models import Channel
from apps.conversations.models import Conversation
from apps.conversations.operations.together import Doing
from apps.conversations.queries.searching import LONGEST_QUERY, Query, Said
from apps.labels.models import Priority
from apps.reports.periods import Period

LONGEST_RANGE, USUAL_RANGE = 1096, 30
NO_REPLY_REASONS = (
    "A thank-you that needs no answer",
    "Answered elsewhere",
    "Not meant for us",
    "Spam or abuse",
)


def parsed(form: forms.Form) -> dict[str, Any]:
    """Return what a form holds; a page of ours sends nothing else, so anything else is 400."""
    if not form.is_valid():
        raise BadRequest(f"The form could not be read: {form.errors.as_text()}")
    return form.cleaned_data


class ExactText(forms.CharField):
    """A text kept as it was written; browsers send line ends as CRLF, people write LF."""

    def __init__(self) -> None:
        super().__init__(strip=False, required=False)

    def to_python(self, value: object) -> str:
        """Return the text as its author saw it."""
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class ReplyForm(forms.Form):
    """A reply, the newest message its author had seen, and the form's own token."""

    text = ExactText()
    seen = forms.IntegerField(required=False, min_value=0)
    once = forms.RegexField(r"^[0-9a-f]{32}$", required=False)


class TextForm(forms.Form):
    """A note or a draft; `page` tells the writer's own pages apart."""

    text = ExactText()
    page = forms.RegexField(r"^[0-9]{1,20}$", required=False)


class NoteForm(forms.Form):
    """A note, and whether it is pinned at once."""

    text = ExactText()
    pin = forms.BooleanField(required=False)


class PinForm(forms.Form):
    """Whether a note is to be pinned, or no more."""

    pinned = forms.BooleanField(required=False)


class DoingForm(forms.Form):
    """What somebody does in the conversation they have open."""

    doing = forms.ChoiceField(choices=[(doing, doing) for doing in Doing])


class AssignForm(forms.Form):
    """To whom; nobody means back into the queue."""

    to = forms.IntegerField(required=False, min_value=1)


class SnoozeForm(forms.Form):
    """Until when, in the desk's zone unless said otherwise, and what its reader had seen."""

    until = forms.DateTimeField(
        error_messages={
            "required": "Say when it should come back.",
            "invalid": "Say a day and a time, such as 2026-12-01 09:00.",
        }
    )
    seen = forms.IntegerField(required=False, min_value=0)


class LabelForm(forms.Form):
    """Which tag or flag goes on, or comes off."""

    add = forms.IntegerField(required=False, min_value=1)
    remove = forms.IntegerField(required=False, min_value=1)


class PriorityForm(forms.Form):
    """How much a conversation matters."""

    priority = forms.ChoiceField(choices=Priority.choices)


class PauseForm(forms.Form):
    """On whom resolving waits."""

    paused_for = forms.ChoiceField(choices=Conversation.Pause.choices)


class ReasonForm(forms.Form):
    """Why no reply is needed: one of the usual reasons, or in the person's own words."""

    reason = forms.CharField(required=False, max_length=300)
    words = forms.CharField(required=False, max_length=300)

    def spoken(self) -> str:
        """Return the reason given, own words first; empty when none was."""
        return str(self.cleaned_data["words"] or self.cleaned_data["reason"])


class SearchForm(forms.Form):
    """Words to look for, in what was said by whom and where."""

    q = forms.CharField(required=False, max_length=LONGEST_QUERY, label="Search")
    said = forms.ChoiceField(
        required=False,
        choices=[
            (Said.ANYBODY, "anybody"),
            (Said.CUSTOMERS, "customers"),
            (Said.US, "us"),
            (Said.NOTES, "notes"),
        ],
        label="Said by",
    )
    channel = forms.ModelChoiceField(Channel.objects.none(), required=False, empty_label="all")
    before = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, channels: QuerySet[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]

    def query(self) -> Query:
        """Return what is searched."""
        channel = self.cleaned_data["channel"]
        return Query(
            self.cleaned_data["q"],
            said=Said(self.cleaned_data["said"]),
            channel_id=channel.pk if channel else None,
        )

    def asked(self) -> list[tuple[str, object]]:
        """Return what an address says of it."""
        channel = self.cleaned_data["channel"]
        return [
            ("q", self.cleaned_data["q"]),
            ("said", self.cleaned_data["said"]),
            ("channel", channel.pk if channel else ""),
        ]


class PledgeForm(forms.Form):
    """Words of ours that promise something, and when it is due in the desk's zone."""

    words = forms.CharField(max_length=300)
    due_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


class SettleForm(forms.Form):
    """How a promise ended."""

    state = forms.ChoiceField(choices=[(s, s) for s in ("kept", "broken", "withdrawn")])
    note = forms.CharField(required=False, max_length=300)


class MatchForm(forms.Form):
    """What somebody decides about two identities, and why."""

    decision = forms.ChoiceField(choices=[(d, d) for d in ("confirm", "reject", "part")])
    reason = forms.CharField(required=False, max_length=300)


class MergeForm(forms.Form):
    """Whom a customer is taken for, by an identity of each, and why."""

    one = forms.IntegerField(min_value=1)
    handle = forms.CharField(max_length=500)
    reason = forms.CharField(max_length=300)


class RangeForm(forms.Form):
    """Days of a report, both included; or the last so many days."""

    days = forms.IntegerField(required=False, min_value=1, max_value=LONGEST_RANGE)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def clean(self) -> dict[str, object]:
        """A range runs forwards and is not longer than the desk can count at once."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            raise forms.ValidationError("The first day comes after the last: swap them.")
        if first and last and (last - first).days >= LONGEST_RANGE:
            raise forms.ValidationError(f"Choose at most {LONGEST_RANGE} days.")
        return self.cleaned_data

    def period(self, *, at: datetime) -> Period:
        """Return the days asked for; the last 30 where nothing sensible was."""
        if not self.is_valid():
            return Period.of_days(USUAL_RANGE, at=at)
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        if first or last:
            return Period(first or last, last or first)
        return Period.of_days(self.cleaned_data["days"] or USUAL_RANGE, at=at)
