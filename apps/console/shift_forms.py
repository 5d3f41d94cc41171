"""What managers send to the shifts' pages, parsed and checked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from apps.agents.models import Shift, User
from apps.agents.spans import Span, weekly

MOST_WEEKS = 26
MOST_DAYS_AHEAD = 731


def desk_zone() -> ZoneInfo:
    """Return the zone in which the desk shows its times."""
    return ZoneInfo(settings.TIME_ZONE)


class ZoneField(forms.CharField):
    """A time zone by its name, the desk's unless said otherwise."""

    def clean(self, value: object) -> ZoneInfo:
        """Return the zone."""
        name = str(super().clean(value) or settings.TIME_ZONE)
        if name not in available_timezones():
            raise forms.ValidationError("Name a time zone, as in Europe/Berlin.")
        return ZoneInfo(name)


class NewShiftForm(forms.Form):
    """Who is on, on which day from when to when, and for how many weeks."""

    person = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Who", empty_label="Choose somebody"
    )
    day = forms.DateField(widget=forms.DateInput({"type": "date"}), label="Day")
    begins = forms.TimeField(
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"), label="From", initial="09:00"
    )
    ends = forms.TimeField(
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        label="To",
        initial="17:00",
        help_text="Up to the next morning; empty: until further notice.",
    )
    weeks = forms.IntegerField(
        min_value=1, max_value=MOST_WEEKS, initial=1, label="For so many weeks"
    )
    zone = ZoneField(required=False, label="By the clocks of", max_length=64)

    def __init__(self, people: QuerySet[User], *, day: date, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"day": day, "zone": settings.TIME_ZONE})
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["zone"].widget.attrs["list"] = "zones"

    def clean(self) -> dict[str, object]:
        """Shifts until further notice can't be repeated; nobody plans years ahead."""
        said = self.cleaned_data
        if said.get("day") and abs((said["day"] - timezone.localdate()).days) > MOST_DAYS_AHEAD:
            self.add_error("day", "Choose a day within the next two years.")
        if not said.get("ends") and said.get("weeks", 1) > 1:
            self.add_error("weeks", "A shift until further notice needs no repeating: choose 1.")
        return said

    def spans(self) -> Sequence[Span]:
        """Return the times planned. Raises ValueError, with a sentence, where there are none."""
        said = self.cleaned_data
        return weekly(
            day=said["day"],
            begins=said["begins"],
            ends=said["ends"],
            zone=said["zone"],
            weeks=said["weeks"],
        )


class ShiftForm(forms.Form):
    """When a shift begins and ends, by the desk's clocks."""

    starts_at = forms.DateTimeField(label="From")
    ends_at = forms.DateTimeField(
        required=False, label="To", help_text="Empty: until further notice."
    )

    def __init__(self, shift: Shift, *, at: datetime, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"starts_at": shift.starts_at, "ends_at": shift.ends_at})
        for field in self.fields.values():
            field.widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        self._began_at = shift.starts_at if shift.starts_at <= at else None
        if self._began_at is not None:
            self.fields["starts_at"].disabled = True
            self.fields["starts_at"].help_text = "It has begun."

    def span(self) -> Span:
        """Return the times chosen. A form knows minutes; what has begun keeps its microseconds."""
        return Span(self._began_at or self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


def week_of(named: str, *, today: date) -> date:
    """Return the Monday of a week named as 2026-W48; of today's where none is. ValueError."""
    if not named:
        return today - timedelta(days=today.weekday())
    return datetime.strptime(f"{named}-1", "%G-W%V-%u").date()  # noqa: DTZ007
