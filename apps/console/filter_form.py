"""The filters of a list as fields; what they send is read as an address is (`lists.listed`)."""

from collections.abc import Iterable

from django import forms

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.console.lists import ORDERS, OWN_ORDER, SURFACES
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import LONGEST_LANGUAGE, LONGEST_OVER, NOBODY, Asked, Queue
from apps.labels.models import Priority, Tag

Choices = Iterable[tuple[object, object]]


class FilterForm(forms.Form):
    """What may narrow this person's list; a field they have no choice in is left out."""

    channel = forms.ChoiceField(required=False)
    team = forms.ChoiceField(required=False)
    assignee = forms.ChoiceField(required=False)
    tag = forms.ChoiceField(required=False)
    priority = forms.ChoiceField(required=False)
    surface = forms.ChoiceField(required=False, label="Where it was said")
    language = forms.CharField(
        required=False,
        max_length=LONGEST_LANGUAGE,
        widget=forms.TextInput(attrs={"placeholder": "any: de, en, pt-BR"}),
    )
    over = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_OVER,
        label="Waiting at least, in minutes",
    )
    order = forms.ChoiceField(required=False)

    def __init__(self, asked: Asked, *, user: User) -> None:
        super().__init__(initial=asked.given())
        channels = Channel.objects.answered_by(user)
        teams = Team.objects.all() if user.is_admin else user.teams.all()
        people = [(NOBODY, "nobody"), *((p.pk, p.name) for p in inbox.everybody(user))]
        self._offer("channel", ((channel.pk, channel) for channel in channels))
        self._offer("team", ((team.pk, team) for team in teams))
        self._offer("assignee", people)
        self._offer("tag", ((tag.pk, tag) for tag in Tag.objects.filter(is_retired=False)))
        self._offer("priority", Priority.choices)
        self._offer("surface", SURFACES.items())
        self._offer("order", ((str(order), words) for order, words in ORDERS.items()), none=None)
        if asked.queue in {Queue.MINE, Queue.UNASSIGNED}:
            del self.fields["assignee"]
        if asked.queue in OWN_ORDER:
            del self.fields["order"]

    def _offer(self, name: str, choices: Choices, none: str | None = "any") -> None:
        offered = list(choices)
        field = self.fields[name]
        field.choices = offered if none is None else [("", none), *offered]  # type: ignore[attr-defined]
        if len(offered) < 2 and not self.initial.get(name):
            del self.fields[name]
