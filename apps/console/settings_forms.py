"""What managers and agents send to the settings pages, parsed and checked."""

import re
from collections.abc import Mapping

from django import forms
from django.db.models import QuerySet

from apps.agents.models import HEAVIEST, LONGEST_MINUTES, Team, User
from apps.channels.connector import Surface
from apps.conversations.models import Snippet
from apps.labels.models import Colour, Label

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_SKILL = 40


class WordsField(forms.CharField):
    """Several words or short phrases, separated by commas."""

    def __init__(self, label: str) -> None:
        super().__init__(required=False, max_length=1000, label=label)

    def prepare_value(self, value: object) -> object:
        """Show a stored list as it would be typed."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        """Return what was written between the commas, each once."""
        words = (" ".join(word.split()) for word in str(super().clean(value)).split(","))
        return list(dict.fromkeys(word for word in words if word))


class LanguagesField(WordsField):
    """Languages by their tags."""

    def clean(self, value: object) -> list[str]:
        """Return the tags; a language is named as networks name it."""
        tags = super().clean(value)
        if wrong := [tag for tag in tags if not LANGUAGE.fullmatch(tag)]:
            raise forms.ValidationError(
                f"Write languages by their tags, as de or pt-BR: {wrong[0]}."
            )
        return tags


class SkillsField(WordsField):
    """Skills in the desk's own words; upper and lower case are the same."""

    def clean(self, value: object) -> list[str]:
        """Return the skills in lower case."""
        skills = list(dict.fromkeys(skill.lower() for skill in super().clean(value)))
        if any(len(skill) > LONGEST_SKILL for skill in skills):
            raise forms.ValidationError(f"Name each skill in at most {LONGEST_SKILL} characters.")
        return skills


def minutes(label: str) -> forms.IntegerField:
    """Minutes, or nothing where it is never to happen."""
    return forms.IntegerField(
        required=False, min_value=1, max_value=LONGEST_MINUTES, label=f"{label} (empty: never)"
    )


class PersonForm(forms.Form):
    """What somebody can take."""

    capacity = forms.IntegerField(
        min_value=0, max_value=500, label="Capacity: how much they have open at once"
    )
    languages = LanguagesField("Languages besides their team's, such as de, pt-BR")
    skills = SkillsField("Skills that channels may require, such as billing, refunds")


class OwnLanguagesForm(forms.Form):
    """What somebody says of themselves."""

    languages = LanguagesField("Languages besides your team's, such as de, pt-BR")


class TeamForm(forms.Form):
    """What a team is called, how it works, and what its channels require."""

    name = forms.CharField(max_length=80, label="Name")
    mode = forms.ChoiceField(choices=Team.Mode.choices, label="Conversations are")
    return_minutes = minutes("Minutes until what nobody opened goes back")
    affinity_minutes = minutes("Longest likely wait in minutes for the agent who knows a customer")
    away_minutes = minutes("Minutes without a touch until somebody is away")
    languages = LanguagesField("Languages that everybody in the team writes")

    def __init__(self, team: Team, data: Mapping[str, object] | None = None) -> None:
        initial = {name: getattr(team, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self.channels = list(team.channels.all())
        for surface in Surface:
            self.fields[f"weight_{surface}"] = forms.IntegerField(
                min_value=0,
                max_value=HEAVIEST,
                initial=team.weights.get(surface, 1),
                label=f"Capacity that one {WORDS[surface]} takes",
            )
        for channel in self.channels:
            field = SkillsField(f"Skills that {channel} requires")
            field.initial = channel.skills
            self.fields[f"skills_{channel.pk}"] = field

    def changes(self) -> dict[str, object]:
        """Return what `change_team` takes; weights of 1 need no saying."""
        weights = {str(surface): self.cleaned_data[f"weight_{surface}"] for surface in Surface}
        chosen = {name: self.cleaned_data[name] for name in self.base_fields}
        return chosen | {"weights": {s: weight for s, weight in weights.items() if weight != 1}}


class LabelForm(forms.Form):
    """What a tag or flag is called, and its colour."""

    name = forms.CharField(max_length=Label.LONGEST_NAME)
    colour = forms.ChoiceField(choices=Colour.choices)

    @classmethod
    def of(cls, label: Label) -> "LabelForm":
        """Return the form with what is so now."""
        initial = {"name": label.name, "colour": label.colour}
        return cls(initial=initial, auto_id=f"{label.NOUN}-{label.pk}-%s")


WORDS = {
    Surface.MENTION: "mention",
    Surface.COMMENT: "comment",
    Surface.DIRECT: "direct message",
    Surface.FOUND: "found post",
    Surface.FOLLOW: "new follower",
}


def of_person(user: User, data: Mapping[str, object] | None = None) -> PersonForm:
    """Return the form with what is so now."""
    names = PersonForm.base_fields
    return PersonForm(data, initial={name: getattr(user, name) for name in names})


class SnippetForm(forms.Form):
    """A fact, its name, its language, and whose it is."""

    name = forms.CharField(max_length=40, label="Name, typed after ; to insert it: return-address")
    language = forms.CharField(
        max_length=35, required=False, label="Language, such as de (empty: for all others)"
    )
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        label="The fact: an address, a link, steps. No greeting, no signature: not a whole reply",
    )

    def __init__(
        self,
        snippet: Snippet,
        data: Mapping[str, object] | None = None,
        *,
        teams: QuerySet[Team],
        for_all: bool,
    ) -> None:
        initial = {name: getattr(snippet, name) for name in self.base_fields}
        super().__init__(data, initial=initial | {"team": snippet.team_id})
        self.fields["team"] = forms.ModelChoiceField(
            teams,
            required=not for_all,
            empty_label="The whole desk" if for_all else None,
            label="Who may insert it",
        )

    def clean_language(self) -> str:
        """A language is a tag, as networks name it."""
        language = str(self.cleaned_data["language"])
        if language and not LANGUAGE.fullmatch(language):
            raise forms.ValidationError("Write the language by its tag, as de or pt-BR.")
        return language

    def changed(self, snippet: Snippet) -> Snippet:
        """Return the snippet with what was sent; nothing is stored."""
        snippet.name = str(self.cleaned_data["name"]).strip().removeprefix(";")
        snippet.language = self.cleaned_data["language"]
        snippet.text = str(self.cleaned_data["text"]).replace("\r\n", "\n").strip()
        snippet.team = self.cleaned_data["team"]
        return snippet
