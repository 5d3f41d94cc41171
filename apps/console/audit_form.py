"""What an admin asks of the audit, parsed and checked."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict

from apps.agents.models import User
from apps.console import wording
from apps.ledger import auditing
from apps.ledger.auditing import Asked

COMMAND = "command"


class AuditForm(forms.Form):
    """By whom, what, about whom, in which conversation, on which days of the desk's zone."""

    by = forms.ChoiceField(required=False, label="Who")
    kind = forms.ChoiceField(required=False, label="What")
    about = forms.ModelChoiceField(
        User.objects.all(), required=False, empty_label="Anybody", label="About whom"
    )
    conversation = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, label="Conversation #"
    )
    first = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        people = [(str(user.pk), str(user)) for user in User.objects.all()]
        words = sorted((wording.deed(one), one) for one in auditing.kinds())
        self._offer("by", [("", "Anybody"), (COMMAND, "The command line"), *people])
        self._offer("kind", [("", "Anything"), *((one, word) for word, one in words)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def asked(self) -> Asked:
        """Return what was asked; of a form that is wrong, nothing narrower than everything."""
        said = self.cleaned_data if self.is_valid() else {}
        by, about = said.get("by") or "", said.get("about")
        first, last = said.get("first"), said.get("last")
        zone = ZoneInfo(settings.TIME_ZONE)
        return Asked(
            by_id=int(by) if by and by != COMMAND else None,
            by_command=by == COMMAND,
            kind=said.get("kind") or "",
            user_id=about.pk if about else None,
            conversation_id=said.get("conversation"),
            since=datetime.combine(first, time(), zone) if first else None,
            until=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
        )
