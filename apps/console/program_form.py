"""What admins send to the pages about programs that may call."""

from typing import Any

from django import forms

from apps.agents.models import User
from apps.agents.operations.programs import LONGEST_NAME
from apps.agents.programs import SCOPES


class ProgramForm(forms.Form):
    """Which program it is, who answers for it, and what it may do."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Name: which program it is")
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        empty_label="Choose somebody",
        label="Who answers for it: it acts with their rights",
    )
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()),
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing it may do."},
    )

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = User.objects.filter(is_active=True)
