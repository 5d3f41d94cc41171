"""A country's public holidays, as the `holidays` library knows them on the day of saving."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from holidays.registry import COUNTRIES

from apps.sla.week import CalendarError

YEARS_BACK = 20
YEARS_AHEAD = 15


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """ISO code of each country with the codes of its regions that have days of their own."""
    known = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(regions) for code, regions in sorted(known.items())}


@cache
def country_names() -> Mapping[str, str]:
    """Return the same countries with the library's names for them, in the order of these."""
    spelled = {code: name.replace("_", " ").title() for name, (_, code, *_) in COUNTRIES.items()}
    return {code: spelled[code] for code in sorted(countries(), key=spelled.__getitem__)}


def public_days(country: str, region: str, *, around: int) -> tuple[list[date], int, int]:
    """Return the days in order, and the first and last year for which they are known.

    A `region` of "" means the days of the whole country; days that are observed on another date
    count there as well. The years reach from 20 before `around` to 15 after it.
    """
    if country not in countries():
        raise CalendarError(
            f"{country!r} is no country the desk has holidays of: write a code like DE.",
            field="country",
        )
    if region and region not in countries()[country]:
        regions = ", ".join(countries()[country]) or "none"
        raise CalendarError(
            f"{region!r} is no region of {country}: it has {regions}.", field="subdivision"
        )
    found = holidays.country_holidays(country, subdiv=region or None)
    first = max(around - YEARS_BACK, found.start_year)
    last = min(around + YEARS_AHEAD, found.end_year)
    known = holidays.country_holidays(country, subdiv=region or None, years=range(first, last + 1))
    return sorted(known), first, last
