"""What admins say of a brand account, parsed and checked."""

from django import forms
from django.http import QueryDict

from apps.agents.models import Team
from apps.channels.models import Channel
from apps.channels.registry import CONNECTORS


class ChannelForm(forms.Form):
    """How an account is called, who answers it, and where its network is."""

    handle = forms.CharField(max_length=200, label="As people write it, such as @acme")
    team = forms.ModelChoiceField(Team.objects.all(), empty_label=None, label="Who answers it")
    is_private = forms.BooleanField(
        required=False, label="Private: other teams don’t read its conversations"
    )
    base_url = forms.URLField(
        required=False, max_length=200, label="Address of its network’s API", assume_scheme="https"
    )
    token = forms.CharField(
        required=False,
        max_length=4000,
        label="Token that lets the desk post as it",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    @classmethod
    def of(cls, channel: Channel, data: QueryDict | None = None) -> "ChannelForm":
        """Return the form with what is so now; an empty token keeps the one there is."""
        form = cls(
            data,
            initial={
                "handle": channel.handle,
                "team": channel.team_id,
                "is_private": channel.is_private,
                "base_url": channel.base_url,
            },
        )
        form.fields["token"].label = "A new token that lets the desk post as it (empty: as it was)"
        return form


class NewChannelForm(ChannelForm):
    """Which account on which network, besides."""

    network = forms.ChoiceField(label="Network")
    account_id = forms.CharField(max_length=500, label="The account’s id on the network")
    field_order = ["network", "handle", "account_id", "team", "is_private", "base_url", "token"]

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        network = self.fields["network"]
        assert isinstance(network, forms.ChoiceField)
        network.choices = [
            (one.network, one.label) for one in CONNECTORS.values() if not one.receives_only
        ]
