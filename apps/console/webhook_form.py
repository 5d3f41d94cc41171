"""What admins send to the pages about webhooks."""

from collections.abc import Mapping

from django import forms

from apps.agents.models import Team
from apps.webhooks.catalogue import KINDS
from apps.webhooks.models import Subscription


class WebhookForm(forms.Form):
    """Who is told of what."""

    name = forms.CharField(max_length=80, label="Name: which program it is")
    url = forms.CharField(
        max_length=2000,
        label="Address",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    kinds = forms.MultipleChoiceField(
        choices=list(KINDS.items()),
        label="Events",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind of event."},
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.all(),
        required=False,
        label="Teams: none chosen means all, also those to come",
        widget=forms.CheckboxSelectMultiple,
    )


def of_subscription(
    subscription: Subscription, data: Mapping[str, object] | None = None
) -> WebhookForm:
    """Return the form with what is so now."""
    return WebhookForm(
        data,
        initial={
            "name": subscription.name,
            "url": subscription.url,
            "kinds": subscription.kinds,
            "teams": [team.pk for team in subscription.teams.all()],
        },
    )
