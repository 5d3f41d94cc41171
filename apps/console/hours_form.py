"""Opening hours as people type them: spans a day in a line of text."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.sla.models import BusinessHoursVersion
from apps.sla.public_days import country_names
from apps.sla.week import ALWAYS, WEEKDAYS, CalendarError, read_dates, read_week, read_zone

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL = "09:00-17:00"
BETWEEN_SPANS = re.compile(r"[,;\n]")
BETWEEN_TIMES = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")
SHORT_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?", re.ASCII)


class HoursForm(forms.Form):
    """A name, a zone, the week, and the days that stay closed."""

    name = forms.CharField(max_length=80)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    zone = forms.CharField(max_length=64, label="Time zone")
    always = forms.BooleanField(required=False, label="Open round the clock, every day")
    country = forms.ChoiceField(required=False, label="Closed on the public holidays of")
    subdivision = forms.CharField(required=False, max_length=40, label="Region")
    own_days = forms.CharField(
        required=False, max_length=8000, label="Also closed on", widget=forms.Textarea
    )

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        for day, name in zip(WEEKDAYS, DAY_NAMES, strict=True):
            self.fields[day] = forms.CharField(required=False, max_length=300, label=name)
            self.fields[day].widget.attrs["aria-describedby"] = "id_week_help"
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", "No public holidays"), *country_names().items()]
        for name in ("zone", "subdivision", "own_days"):
            self.fields[name].widget.attrs["aria-describedby"] = f"id_{name}_help"
        self.fields["zone"].widget.attrs |= {"list": "zones", "autocomplete": "off"}
        self.fields["own_days"].widget.attrs["rows"] = 3

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the week, Monday first."""
        return [self[day] for day in WEEKDAYS]

    def clean_zone(self) -> str:
        """Return a zone that exists."""
        try:
            return read_zone(self.cleaned_data["zone"])
        except CalendarError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_own_days(self) -> list[str]:
        """Return the dates, each written on its own or parted by commas or spaces."""
        written = re.split(r"[\s,;]+", self.cleaned_data["own_days"].strip())
        days = [day for day in written if day]
        try:
            read_dates("own_days", days)
        except CalendarError as error:
            raise forms.ValidationError(str(error)) from error
        return days

    def clean(self) -> dict[str, object]:
        """Read the days, each by itself, so that every mistake is said at once."""
        for day in WEEKDAYS:
            spans = spans_in(self.cleaned_data.get(day, ""))
            self.cleaned_data[day] = spans
            try:
                if spans:
                    read_week({day: spans})
            except CalendarError as error:
                self.add_error(day, str(error))
        return self.cleaned_data

    def definition(self) -> Mapping[str, object]:
        """Return what was entered as `save_business_hours` takes it."""
        entered = self.cleaned_data
        week = {day: entered[day] for day in WEEKDAYS if entered[day]}
        return {
            "zone": entered["zone"],
            "week": ALWAYS if entered["always"] else week,
            "country": entered["country"],
            "subdivision": entered["subdivision"].upper(),
            "own_days": entered["own_days"],
        }

    def refuse(self, error: Exception) -> None:
        """Show a refusal beside the field it is about."""
        field = getattr(error, "field", "")
        self.add_error(field if field in self.fields else None, str(error))


def of_version(version: BusinessHoursVersion) -> dict[str, object]:
    """Return what the form shows of saved hours."""
    saved = version.definition
    week = {} if saved["week"] == ALWAYS else saved["week"]
    return {
        "name": version.business_hours.name,
        "seen": version.version,
        "zone": saved["zone"],
        "always": saved["week"] == ALWAYS,
        "country": saved["country"],
        "subdivision": saved["subdivision"],
        "own_days": "\n".join(saved["own_days"]),
        **{day: text_of(week.get(day, ())) for day in WEEKDAYS},
    }


def for_new(zone: str) -> dict[str, object]:
    """Return what the form for new hours begins with: a usual week."""
    return {"seen": 0, "zone": zone, **dict.fromkeys(WEEKDAYS[:5], USUAL)}


def spans_in(text: str) -> list[list[str]]:
    """Read "9-12:30, 13:15-18:00"; what is no time stays as it is, for read_week to refuse."""
    parts = [part.strip() for part in BETWEEN_SPANS.split(text)]
    return [[_full(time) for time in BETWEEN_TIMES.split(part)] for part in parts if part]


def text_of(spans: Sequence[Sequence[str]]) -> str:
    """Write spans as they are typed."""
    return ", ".join("-".join(span) for span in spans)


def _full(time: str) -> str:
    short = SHORT_TIME.fullmatch(time)
    return f"{int(short[1]):02}:{short[2] or '00'}" if short else time
