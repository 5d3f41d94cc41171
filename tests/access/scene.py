"""Two teams with one of everything each, so that an address can name one's own or another's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from apps.agents.models import Team, User
from apps.agents.operations import invite
from apps.agents.operations.programs import add_client
from apps.agents.programs import SCOPES
from apps.channels.models import Channel
from apps.console.views import channels, many, webhooks
from apps.conversations.models import Message, Notification, Snippet
from apps.conversations.operations import attaching, noting, pledging, replying
from apps.conversations.operations.keeping_views import keep_view
from apps.conversations.queries.asking import Queue
from apps.customers.models import Identity, Match
from apps.intake.models import Delivery, SetAside
from apps.labels.models import Colour, Flag, Tag
from apps.labels.operations import save_label
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from apps.webhooks.catalogue import KINDS
from apps.webhooks.models import Dispatch
from apps.webhooks.operations import subscribing
from apps.webhooks.operations.delivering import spread
from tests import people
from tests.people import Kim

Values = dict[str, object]
ALWAYS: dict[str, object] = {"zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}}
UNKNOWN = 987_654_321


@dataclass(frozen=True)
class Scene:
    """Ana and Mia work in Care, Ben in Sales, whose channel is private, Ada everywhere.

    `own` has what is Care's and Ana's, `other` what is Sales' and Ben's, `desk` everybody's.
    """

    ana: User
    mia: User
    ada: User
    own: Values
    other: Values
    desk: Values


def set_scene(at: datetime) -> Scene:
    """Make both teams and whatever their addresses may name."""
    ada = people.a_user("Ada Moreau", role="admin")
    care, sales = people.a_team("Care"), people.a_team("Sales")
    ana, mia = people.ana(care), people.mia(care)
    own = _of_a_team(care, ana, people.a_channel("@care", team=care), by=ada, at=at)
    private = people.a_channel("@sales", team=sales, is_private=True)
    other = _of_a_team(sales, people.ben(sales), private, by=ada, at=at)
    bens = Authenticator.objects.create(
        user_id=other["user_id"], type=Authenticator.Type.WEBAUTHN, data={"name": "Ben's key"}
    )
    own["authenticator_id"] = other["authenticator_id"] = bens.pk
    return Scene(ana, mia, ada, own, other, _of_the_desk(ada, at=at))


def _of_a_team(team: Team, agent: User, channel: Channel, *, by: User, at: datetime) -> Values:
    kim, lee = (Kim(channel, author_id=f"{name}{team.pk}") for name in ("kim", "lee"))
    said = kim.writes(at=at - timedelta(hours=1))
    lee.writes(at=at - timedelta(hours=1))
    conversation = people.conversation_of(said)
    replying.reply(conversation=conversation, text="we look", by=agent, session_key="s", at=at)
    reply = Message.objects.get(conversation=conversation, direction="outbound")
    noting.note(conversation=conversation, text="hers", by=agent, at=at)
    left, right = Identity.objects.filter(conversations__channel=channel).order_by("id")
    invitation, _ = invite(
        email=f"new@{team.name}.example", role="agent", teams=[team], by=by, at=at
    )
    session = UserSession.objects.create(
        user=agent, ip="::1", session_key=agent.name, user_agent="a"
    )
    body = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
    picture = attaching.attach(conversation=conversation, body=body, by=agent, at=at)
    view = keep_view(name="v", queue="everyone", given={"over": "1"}, team=None, by=agent, at=at)
    delivery = Delivery.objects.create(channel=channel, body=b"?", received_at=at, drained_at=at)
    due_at = at + timedelta(hours=2)
    return {
        "team_id": team.pk,
        "user_id": agent.pk,
        "channel_id": channel.pk,
        "conversation_id": conversation.pk,
        "message_id": reply.pk,
        "note_id": Message.objects.filter(conversation=conversation, direction="note").get().pk,
        "customer_id": left.customer_id,
        "identity_id": left.pk,
        "clock_id": conversation.clocks.earliest("id").pk,
        "match_id": Match.objects.create(
            left=left, right=right, state=Match.State.PROPOSED, evidence=[], proposed_at=at
        ).pk,
        "pledge_id": pledging.pledge(
            message=reply, words="we look", due_at=due_at, by=agent, at=at
        ).pk,
        "notification_id": Notification.objects.create(
            recipient=agent, kind="mention", conversation=conversation, message=said, at=at
        ).pk,
        "invitation_id": invitation.pk,
        "session_id": session.pk,
        "attachment_id": picture.pk,
        "view_id": view.pk,
        "shift_id": agent.shifts.get().pk,
        "set_aside_id": SetAside.objects.create(
            delivery=delivery, position=0, reason="unreadable", error="?", at=at
        ).pk,
        "snippet_id": Snippet.objects.create(name="s", text="a fact", team=team).pk,
    }


def _of_the_desk(ada: User, *, at: datetime) -> Values:
    tag = save_label(kind=Tag, name="refund", colour=Colour.PINK, by=ada, at=at)
    flag = save_label(kind=Flag, name="vip", colour=Colour.PINK, by=ada, at=at)
    said = PolicyVersion(name="Fast", tag=tag, first_response_minutes=5)
    subscription = subscribing.subscribe(
        name="CRM", url="https://crm.example/hook", kinds=KINDS, teams=[], by=ada, at=at
    )
    subscribing.test(subscription=subscription, by=ada, at=at)
    spread(at=at)
    hours = save_business_hours(name="Office", definition=ALWAYS, by=ada, at=at)
    client, _ = add_client(name="CRM", scopes=SCOPES, owner=ada, by=ada, at=at)
    return {
        "client_id": client.pk,
        "hours_id": hours.business_hours_id,
        "policy_id": save_policy(said=said, by=ada, at=at).policy_id,
        "number": 1,
        "kind": Tag.NOUN,
        "label_id": tag.pk,
        "flag_id": flag.pk,
        "subscription_id": subscription.pk,
        "dispatch_id": Dispatch.objects.get().pk,
        "telling": Dispatch.objects.get().pk,
        "queue": next(iter(Queue)),
        "table": "lines",
        "heard": "late",
        "tile": "waiting",
        "decision": next(iter(many.DECISIONS)),
        "deed": next(iter(webhooks.DEEDS)),
        "channel_deed": next(iter(channels.DEEDS)),
        "key": "made-up",
        "uidb36": "1",
        "post_id": 1,
        "media_id": 1,
        "handle": "nobody",
    }
