"""The waits and messages a question is about: each figure and the list behind it come from here."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock, ConversationTag, Message
from apps.reports.periods import zone
from apps.reports.questions import NOBODY, UNTAGGED, By, Filters, Question

RESPONSES = (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE)


def seen_by(user: User) -> QuerySet[Channel]:
    """Managers and agents count their teams' channels, admins all."""
    return Channel.objects.answered_by(user)


def channels_of(question: Question) -> QuerySet[Channel]:
    """Return the channels a question is about, as far as this person may see their figures."""
    filters = question.filters
    found = seen_by(question.user)
    if filters.channel_id is not None:
        found = found.filter(id=filters.channel_id)
    if filters.team_id is not None:
        found = found.filter(team=filters.team_id)
    if filters.network is not None:
        found = found.filter(network=filters.network)
    return found


def waits(question: Question, *kinds: Clock.Kind) -> QuerySet[Clock]:
    """Return the waits of these kinds that began in the period, as far as this person may see them.

    An agent who leads nobody is told of their own waits apart, and of all others' in one sum.
    """
    found = Clock.objects.filter(
        channel__in=channels_of(question),
        kind__in=kinds,
        started_at__gte=question.period.starts_at,
        started_at__lt=question.period.ends_at,
    ).annotate(hour_of_week=_hour_of_week("started_at"))
    return found.filter(_part(question.filters), _person(question, "credited_to"))


def messages(question: Question) -> QuerySet[Message]:
    """Return what customers and the desk said in the period, notes apart.

    An agent's are those they wrote, so that customers' messages are nobody's.
    """
    found = (
        Message.objects.filter(
            channel__in=channels_of(question),
            posted_at__gte=question.period.starts_at,
            posted_at__lt=question.period.ends_at,
        )
        .exclude(direction=Message.Direction.NOTE)
        .annotate(hour_of_week=_hour_of_week("posted_at"))
    )
    return found.filter(_part(question.filters), _person(question, "author"))


def key_of_waits(by: By, user: User) -> Combinable:
    """Return what waits are grouped by."""
    return _key(by, user, person="credited_to_id", at="started_at")


def key_of_messages(by: By, user: User) -> Combinable:
    """Return what messages are grouped by."""
    return _key(by, user, person="author_id", at="posted_at")


def key_of_person(user: User, column: str) -> Combinable:
    """Return whose it is; to an agent who leads nobody all but their own is nobody's."""
    return (
        F(column) if user.leads else Case(When(**{column: user.pk}, then=F(column)), default=None)
    )


def _part(filters: Filters) -> Q:
    asked = Q()
    if filters.surface is not None:
        asked &= Q(surface=filters.surface)
    if filters.language is not None:
        asked &= Q(language=filters.language)
    if filters.tag_id is not None:
        borne = ConversationTag.objects.filter(conversation=OuterRef("conversation"))
        is_tagged = Exists(borne.filter(tag=filters.tag_id))
        asked &= ~Q(Exists(borne)) if filters.tag_id == UNTAGGED else Q(is_tagged)
    if filters.hour is not None:
        asked &= Q(hour_of_week__in=range(filters.hour, 7 * 24, 24))
    if filters.hour_of_week is not None:
        asked &= Q(hour_of_week=filters.hour_of_week)
    return asked


def _person(question: Question, column: str) -> Q:
    user, agent_id = question.user, question.filters.agent_id
    if agent_id is None:
        return Q()
    if agent_id == NOBODY:
        others = ~Q(**{column: user}) | Q(**{f"{column}__isnull": True})
        return Q(**{f"{column}__isnull": True}) if user.leads else others
    is_theirs = Q(**{column: agent_id})
    return is_theirs if user.leads or agent_id == user.pk else is_theirs & Q(pk__in=[])


def _key(by: By, user: User, *, person: str, at: str) -> Combinable:
    if by is By.AGENT:
        return key_of_person(user, person)
    if by is By.DAY:
        return TruncDate(at, tzinfo=zone())
    if by is By.HOUR:
        return ExtractHour(at, tzinfo=zone())
    columns = {
        By.CHANNEL: "channel_id",
        By.TEAM: "channel__team_id",
        By.NETWORK: "channel__network",
        By.TAG: "conversation__tags",
    }
    return F(columns.get(by, str(by)))


def _hour_of_week(at: str) -> Combinable:
    day = ExtractIsoWeekDay(at, tzinfo=zone())
    return (day - 1) * 24 + ExtractHour(at, tzinfo=zone())
