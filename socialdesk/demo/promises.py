"""What the demo desk promises, and the words its people use for what it is about."""

from collections.abc import Mapping
from datetime import datetime

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import labelling
from apps.labels.models import Flag, Tag
from apps.labels.operations import save_label
from apps.sla.models import PolicyVersion
from apps.sla.operations.opening import save_business_hours
from apps.sla.operations.promising import save_policy
from socialdesk.demo.cast import ADA, ANA

SLOW_BRAND = "@acmeshop"
OFFICE: Mapping[str, object] = {
    "zone": "Europe/Berlin",
    "week": {
        **{day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "sat": [["09:00", "12:30"], ["13:15", "17:00"]],
    },
    "country": "DE",
}
TAGS = {
    "outage": ("red", ("outage", "street is out", "no internet", "is down")),
    "delivery": ("teal", ("order", "parcel", "delivery", "arrived")),
    "billing": ("orange", ("invoice", "charged", "refund", "bill")),
    "leaving": ("purple", ("cancel", "i want to leave", "contract")),
    "praise": ("green", ("kudos", "thank", "love")),
}
FLAGS = {"VIP": "purple", "Please be careful": "orange"}
MOST_OF_A_TAG = 40


def promise(*, at: datetime) -> None:
    """Decide how fast whom is answered, before anybody wrote: the first policy that fits counts."""
    ada = User.objects.get(email=ADA.email)
    flags = [
        save_label(kind=Flag, name=name, colour=colour, by=ada, at=at)
        for name, colour in FLAGS.items()
    ]
    office = save_business_hours(name="Office", definition=OFFICE, by=ada, at=at).business_hours
    slow = Channel.objects.get(handle=SLOW_BRAND)
    for said in (
        PolicyVersion(
            name="VIP", flag=flags[0], first_response_minutes=10, next_response_minutes=10
        ),
        PolicyVersion(
            name="Shop",
            channel=slow,
            first_response_minutes=45,
            next_response_minutes=45,
            business_hours=office,
        ),
        PolicyVersion(
            name="Everybody",
            first_response_minutes=30,
            next_response_minutes=30,
            resolution_minutes=2880,
            business_hours=office,
        ),
    ):
        save_policy(said=said, by=ada, at=at)


def label(*, at: datetime) -> None:
    """Tag what talks are about by plain words in them, and flag two who wait for Ana."""
    ada = User.objects.get(email=ADA.email)
    for name, (colour, words) in TAGS.items():
        tag = save_label(kind=Tag, name=name, colour=colour, by=ada, at=at)
        labelling.change_tags(conversation_ids=_speaking_of(words), add=[tag], by=ada, at=at)
    waiting = Conversation.objects.filter(assignee__email=ANA.email, waiting_since__isnull=False)
    flags = Flag.objects.order_by("id")
    for conversation, flag in zip(waiting.order_by("-waiting_since"), flags, strict=False):
        labelling.change_flags(conversation=conversation, add=[flag], by=ada, at=at)
        labelling.set_priority(conversation_ids=[conversation.pk], priority="high", by=ada, at=at)


def _speaking_of(words: tuple[str, ...]) -> list[int]:
    said = Message.objects.filter(direction=Message.Direction.INBOUND, conversation__isnull=False)
    found: list[int] = []
    for message in said.order_by("-posted_at").iterator():
        text = message.text.lower()
        if message.conversation_id not in found and any(word in text for word in words):
            found.append(message.conversation_id or 0)
        if len(found) == MOST_OF_A_TAG:
            break
    return found
