"""What managers say of a policy, parsed and checked."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.labels.models import Flag, Label, Priority, Tag
from apps.sla.models import PolicyVersion
from apps.sla.operations.promising import SAID
from apps.sla.queries import newest_version

CONDITIONS = ("channel", "team", "surface", "priority", "tag", "flag")
TARGETS = ("first_response_minutes", "next_response_minutes", "resolution_minutes")
ANY = {
    "channel": "Any channel",
    "team": "Any team",
    "surface": "Any kind of message",
    "priority": "Any priority",
    "tag": "Any tag, or none",
    "flag": "Any customer",
    "business_hours": "Round the clock",
}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """Whom it is for, what it promises, by which hours, and where in the list it stands.

    `seen` is the newest of all versions that the person had before them. `places` are the ranks
    it may have, in words.
    """

    seen = forms.IntegerField(min_value=0)
    rank = forms.TypedChoiceField(coerce=int, label="Place in the list")

    class Meta:
        model = PolicyVersion
        fields = SAID
        labels = {
            "flag": "Customer flag",
            "business_hours": "Counted within",
            "warn_percent": "At risk after",
        }

    def __init__(
        self,
        data: Any,
        *,
        user: User,
        present: PolicyVersion | None,
        places: Sequence[tuple[int, str]],
        rank: int,
    ) -> None:
        saved = model_to_dict(present, fields=SAID) if present else {}
        super().__init__(data, initial={"rank": rank, **saved})
        self._narrow(user, present)
        choices = {"surface": PolicyVersion.SURFACES, "priority": Priority.choices, "rank": places}
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = ANY[name]
            elif isinstance(field, forms.ChoiceField):
                blank = [("", ANY[name])] if name in ANY else []
                field.choices = [*blank, *choices[name]]

    @property
    def whom(self) -> list[forms.BoundField]:
        """The conditions."""
        return [self[name] for name in CONDITIONS]

    @property
    def targets(self) -> list[forms.BoundField]:
        """The minutes."""
        return [self[name] for name in TARGETS]

    def said(self) -> PolicyVersion:
        """Return what was said, to be saved or looked at."""
        return PolicyVersion(**{name: self.cleaned_data[name] for name in SAID})

    def _narrow(self, user: User, present: PolicyVersion | None) -> None:
        """Offer what this person decides about; of tags and flags the present ones."""
        teams: QuerySet[Team] = Team.objects.all() if user.is_admin else user.teams.all()
        offered: dict[str, QuerySet[Any]] = {
            "channel": Channel.objects.answered_by(user).order_by("handle", "id"),
            "team": teams.order_by("name"),
            "tag": _offered(Tag, present.tag_id if present else None),
            "flag": _offered(Flag, present.flag_id if present else None),
        }
        for name, queryset in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset


def newest_seen() -> int:
    """Return which version is the newest of all, 0 where there is none."""
    newest = newest_version()
    return newest.pk if newest else 0


def _offered(kind: type[Label], also: int | None) -> QuerySet[Any]:
    return kind._default_manager.filter(Q(is_retired=False) | Q(pk=also))
