"""What somebody says of themselves, parsed and checked."""

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.http import QueryDict

from apps.agents.models import Cadence, User
from apps.agents.notifications import FOR_ADMINS, NotificationKind
from apps.console.settings_forms import LanguagesField

MOST_UNDO_SECONDS = 30


class OwnForm(forms.Form):
    """Name, signature, languages, undo time, colours, and what they want to be told where."""

    name = forms.CharField(max_length=80, label="Name")
    initials = forms.RegexField(
        r"^[^\W_]{1,4}$",
        strip=True,
        label="Initials",
        help_text="They sign what you write: ^AB. One to four letters or digits.",
        error_messages={"invalid": "Take one to four letters or digits, as in AB."},
    )
    languages = LanguagesField("Languages besides your team's, such as de, pt-BR")
    undo_seconds = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_UNDO_SECONDS,
        label="Seconds in which you can take a reply back",
    )
    theme = forms.ChoiceField(
        required=False,
        choices=[("", "As the system says"), *User.Theme.choices],
        widget=forms.RadioSelect,
        label="Colours",
    )
    digest = forms.ChoiceField(
        required=False,
        choices=[("", "No"), *Cadence.choices],
        widget=forms.RadioSelect,
        label="The dashboard’s figures by e-mail",
    )
    console = forms.MultipleChoiceField(required=False, choices=NotificationKind.choices)
    mail = forms.MultipleChoiceField(required=False, choices=NotificationKind.choices)

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(data, initial=_said_so_far(user))
        self.user = user
        self.fields[
            "undo_seconds"
        ].help_text = (
            f"From 0 to {MOST_UNDO_SECONDS}; empty: as the desk says, {settings.UNDO_SECONDS}."
        )

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        return " ".join(self.cleaned_data["name"].split())

    def changes(self) -> Mapping[str, object]:
        """Return what `change_oneself` takes."""
        said = dict(self.cleaned_data)
        shown, mailed = said.pop("console"), said.pop("mail")
        kept = set(NotificationKind.values) - set(self._offered())
        muted = [kind for kind in self._offered() if kind not in shown]
        return {
            **said,
            "muted_kinds": muted + [kind for kind in self.user.muted_kinds if kind in kept],
            "mailed_kinds": [kind for kind in mailed if kind not in kept]
            + [kind for kind in self.user.mailed_kinds if kind in kept],
        }

    def kinds(self) -> list[tuple[str, str, bool, bool]]:
        """Return each kind of notification, its words, and whether it is told where."""
        console, mail = self["console"].value() or [], self["mail"].value() or []
        return [
            (kind.value, str(kind.label), kind.value in console, kind.value in mail)
            for kind in self._offered()
        ]

    def _offered(self) -> list[NotificationKind]:
        """What somebody of their role may be told at all; of the rest they decided nothing."""
        return [kind for kind in NotificationKind if self.user.is_admin or kind not in FOR_ADMINS]


def _said_so_far(user: User) -> dict[str, object]:
    plain = ("name", "initials", "languages", "undo_seconds", "theme", "digest")
    shown = [kind for kind in NotificationKind.values if kind not in user.muted_kinds]
    return {name: getattr(user, name) for name in plain} | {
        "console": shown,
        "mail": user.mailed_kinds,
    }
