"""What a page cannot show of so many days: what only the waits themselves tell, one by one.

Each function returns the last of the days for which it can; None where it can for all of them.
"""

from apps.conversations.models import Clock
from apps.reports.choosing import chosen, too_many_for
from apps.reports.legs import chosen_for_legs
from apps.reports.models import Rollup
from apps.reports.periods import Period
from apps.reports.questions import By, Question


def of_times(question: Question, by: By | None) -> Period | None:
    """For response times, in all or along a breakdown."""
    kinds = tuple(Clock.Kind)
    return too_many_for(question, chosen(question, by, *kinds), *kinds)


def of_volume(question: Question, by: By | None) -> Period | None:
    """For what was said."""
    kinds = (Rollup.INBOUND, Rollup.OUTBOUND)
    return too_many_for(question, chosen(question, by, *kinds), *kinds)


def of_legs(question: Question) -> Period | None:
    """For where the time went."""
    return too_many_for(question, chosen_for_legs(question), *Clock.Kind)
