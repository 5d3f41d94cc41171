"""What admins and managers send about who works here, parsed and checked."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from apps.agents.models import Team, User


class TeamsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some of the teams that may be chosen, as ticks."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, teams: QuerySet[Team], *, required: bool) -> None:
        super().__init__(teams, required=required, label="Teams")
        self.error_messages["required"] = "Choose at least one team."


class InviteForm(forms.Form):
    """Whom to invite, as what, into which teams."""

    email = forms.EmailField(max_length=254, label="E-mail")

    def __init__(
        self, data: QueryDict | None = None, *, teams: QuerySet[Team], roles: list[tuple[str, str]]
    ) -> None:
        super().__init__(data, initial={"role": User.Role.AGENT})
        self.fields["role"] = forms.ChoiceField(choices=roles, label="Role")
        only_agents = len(roles) == 1
        self.fields["teams"] = TeamsField(teams, required=only_agents)
        if only_agents and teams.count() == 1:
            self.initial["teams"] = [teams.get().pk]


class PlaceForm(forms.Form):
    """Somebody's role and teams."""

    role = forms.ChoiceField(choices=User.Role.choices, label="Role")

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        initial = {"role": user.role, "teams": list(user.teams.values_list("id", flat=True))}
        super().__init__(data, initial=initial)
        self.fields["teams"] = TeamsField(Team.objects.all(), required=False)


class WelcomeForm(forms.Form):
    """Who somebody is who was invited."""

    name = forms.CharField(
        max_length=80, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        strip=False,
        label="A password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        strip=False,
        label="The same again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Hold the two against each other."""
        said: dict[str, Any] = super().clean() or {}
        if "password" in said and "again" in said and said["password"] != said["again"]:
            self.add_error("again", "The two passwords differ: type them again.")
        return said


class TeamNameForm(forms.Form):
    """What a team is called."""

    name = forms.CharField(max_length=80, label="Name")
