"""Which figures an address asks for, and the addresses of those beside and behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.channels.registry import CONNECTORS
from apps.console.forms import RangeForm
from apps.conversations.models import Clock
from apps.labels.models import Tag
from apps.reports.behind import Standing
from apps.reports.behind_now import Place
from apps.reports.behind_personal import Told
from apps.reports.lines import SURFACES, WEEKDAYS
from apps.reports.questions import NOBODY, UNTAGGED, By, Filters, Key, Question

UNKNOWN = "-"
"""As `language`: the network did not say which."""
BREAKDOWNS = {
    By.CHANNEL: "Channel",
    By.TEAM: "Team",
    By.AGENT: "Person",
    By.SURFACE: "Where it was said",
    By.LANGUAGE: "Language",
    By.TAG: "Tag",
    By.NETWORK: "Network",
}
FIELDS = {
    "channel": "channel_id",
    "team": "team_id",
    "network": "network",
    "agent": "agent_id",
    "surface": "surface",
    "language": "language",
    "tag": "tag_id",
    "hour": "hour",
    "hour_of_week": "hour_of_week",
}


class FiguresForm(RangeForm):
    """The days, one kind of wait, one breakdown, and what narrows them."""

    kind = forms.ChoiceField(required=False, choices=Clock.Kind.choices)
    by = forms.ChoiceField(required=False, choices=[(str(by), by) for by in BREAKDOWNS])
    hours = forms.ChoiceField(required=False, choices=[("open", "open")])
    channel = forms.IntegerField(required=False, min_value=1)
    team = forms.IntegerField(required=False, min_value=1)
    network = forms.CharField(required=False, max_length=20)
    agent = forms.IntegerField(required=False, min_value=NOBODY)
    surface = forms.CharField(required=False, max_length=8)
    language = forms.CharField(required=False, max_length=35)
    tag = forms.IntegerField(required=False, min_value=UNTAGGED)
    hour = forms.IntegerField(required=False, min_value=0, max_value=23)
    hour_of_week = forms.IntegerField(required=False, min_value=0, max_value=167)

    def shown(self, *, user: User, at: datetime) -> "Shown":
        """Return what is asked for; the usual figures where nothing sensible is."""
        given = self.cleaned_data if self.is_valid() else {}
        by = By(given.get("by") or By.CHANNEL)
        question = Question(
            user=user,
            period=self.period(at=at),
            at=at,
            filters=_filters(given),
            in_open_hours=given.get("hours") == "open",
            along=frozenset({By.DAY, by}),
        )
        return Shown(
            question=question,
            kind=Clock.Kind(given.get("kind") or Clock.Kind.FIRST_RESPONSE),
            by=by,
        )


class BehindForm(FiguresForm):
    """Which figure's conversations somebody wants to see."""

    kind = forms.ChoiceField(choices=Clock.Kind.choices)
    standing = forms.ChoiceField(choices=[(str(s), str(s)) for s in Standing])
    after = forms.IntegerField(required=False, min_value=1)


class ExplainForm(FiguresForm):
    """Which figures somebody wants explained, and by which wait."""

    wait = forms.IntegerField(required=False, min_value=1)


class SaidForm(FiguresForm):
    """Which messages somebody wants to see."""

    direction = forms.ChoiceField(choices=[(one, one) for one in ("inbound", "outbound")])
    after = forms.IntegerField(required=False, min_value=1)


class PersonalForm(FiguresForm):
    """Which replies or promises somebody wants to see."""

    told = forms.ChoiceField(choices=[(str(one), str(one)) for one in Told])
    after = forms.IntegerField(required=False, min_value=1)


class OfChannelForm(forms.Form):
    """Of which channel somebody wants to see what a figure counts, and after which row."""

    channel = forms.IntegerField(required=False, min_value=1)
    after = forms.IntegerField(required=False, min_value=1)


class TileForm(OfChannelForm):
    """The same of the wallboard, whose lists go on from an instant."""

    since = forms.DateTimeField(required=False)

    def clean(self) -> dict[str, object]:
        """A place has both of its parts or none."""
        if (self.cleaned_data.get("after") is None) != (self.cleaned_data.get("since") is None):
            raise forms.ValidationError("A place in a list is an instant and an id.")
        return self.cleaned_data

    @property
    def place(self) -> Place | None:
        """Where the list goes on, if it is not its beginning."""
        since, after = self.cleaned_data["since"], self.cleaned_data["after"]
        return None if since is None else Place(since, after)


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the figures, in words, and the address without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures that a page shows."""

    question: Question
    kind: Clock.Kind
    by: By

    def given(self) -> dict[str, object]:
        """Return what an address says of it, the days by their dates so that it stays the same."""
        question, period = self.question, self.question.period
        given: dict[str, object] = {"first": period.first, "last": period.last}
        if self.kind != Clock.Kind.FIRST_RESPONSE:
            given["kind"] = str(self.kind)
        if self.by != By.CHANNEL:
            given["by"] = str(self.by)
        if question.in_open_hours:
            given["hours"] = "open"
        return given | {
            name: value if value != "" else UNKNOWN
            for name, field in FIELDS.items()
            if (value := getattr(question.filters, field)) is not None
        }

    def query(self, **changes: object) -> str:
        """Return the address's query with some of it changed; None takes something out."""
        given = {**self.given(), **changes}
        return urlencode({name: said for name, said in given.items() if said is not None})

    def narrowed(self, by: By, key: Key) -> str:
        """Return the query that asks for one line of a breakdown alone."""
        return self.query(**_of_line(by, key))

    def behind(self, standing: Standing, by: By | None = None, key: Key = None) -> str:
        """Return the address of the conversations behind a figure of all, or of one line."""
        return self.behind_each(by, key)(standing)

    def behind_each(self, by: By | None, key: Key) -> Callable[[Standing], str]:
        """Return the addresses behind the figures of one line; a page has thousands of lines."""
        of_line = _of_line(by, key) if by else {}
        asked = f"{reverse('behind')}?{self.query(kind=str(self.kind), by=None, **of_line)}"
        return lambda standing: f"{asked}&standing={standing}"

    def said(self, direction: str, **narrowed: object) -> str:
        """Return the address of the messages behind a count."""
        asked = self.query(direction=direction, by=None, kind=None, hours=None, **narrowed)
        return f"{reverse('said')}?{asked}"

    def told(self, told: Told, **narrowed: object) -> str:
        """Return the address of the replies or promises behind a count."""
        asked = self.query(told=str(told), by=None, kind=None, hours=None, **narrowed)
        return f"{reverse('told')}?{asked}"

    def before(self) -> "Shown":
        """Return the same figures of as many days before."""
        return replace(self, question=self.question.before())

    def file(self, table: str) -> str:
        """Return the address of one of its tables as a file."""
        return f"{reverse('table', args=[table])}?{self.query()}"

    def explained(self) -> str:
        """Return the address that explains the figures."""
        return f"{reverse('explain')}?{self.query()}"

    def chips(self) -> list[Chip]:
        """Return what narrows the figures, each by a name this person may know."""
        words = _words(self.question.filters, self.question.user)
        return [Chip(label, f"?{self.query(**{name: None})}") for name, label in words.items()]


def _filters(given: Mapping[str, Any]) -> Filters:
    said = {field: given.get(name) for name, field in FIELDS.items()}
    said = {field: None if value == "" else value for field, value in said.items()}
    if said["language"] == UNKNOWN:
        said["language"] = ""
    return Filters(**said)


def _of_line(by: By, key: Key) -> dict[str, object]:
    if by is By.DAY and isinstance(key, date):
        return {"first": key, "last": key}
    if key is None:
        return {str(by): NOBODY}
    return {str(by): UNKNOWN if key == "" else key}


def _words(filters: Filters, user: User) -> dict[str, str]:
    words: dict[str, str] = {}
    if filters.channel_id is not None:
        seen = Channel.objects.answered_by(user).filter(id=filters.channel_id).first()
        words["channel"] = str(seen or "No such channel")
    if filters.team_id is not None:
        teams = Team.objects.all() if user.is_admin else user.teams.all()
        words["team"] = str(teams.filter(id=filters.team_id).first() or "No such team")
    if filters.network is not None:
        known = CONNECTORS.get(filters.network)
        words["network"] = known.label if known else "No such network"
    if filters.agent_id is not None:
        words["agent"] = _person(filters.agent_id, user)
    if filters.surface is not None:
        words["surface"] = SURFACES.get(filters.surface, filters.surface)
    if filters.language is not None:
        words["language"] = f"language {filters.language or 'unknown'}"
    if filters.tag_id is not None:
        tag = Tag.objects.filter(id=filters.tag_id).first()
        words["tag"] = "No tag" if filters.tag_id == UNTAGGED else str(tag or "No such tag")
    if filters.hour is not None:
        words["hour"] = f"from {filters.hour:02}:00 to {filters.hour:02}:59"
    if filters.hour_of_week is not None:
        day, hour = divmod(filters.hour_of_week, 24)
        words["hour_of_week"] = f"{WEEKDAYS[day]}, {hour:02}:00 to {hour:02}:59"
    return words


def _person(agent_id: int, user: User) -> str:
    if agent_id == NOBODY:
        return "Nobody known" if user.leads else "Everyone else"
    known = User.objects.colleagues_of(user).filter(id=agent_id).first()
    return known.name if known else "No such person"
