"""What happened and how a reply fares, in words for people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.agents.notifications import NotificationKind
from apps.console import spelling
from apps.conversations.models import Clock, Conversation, Message, Notification
from apps.ledger.models import Event
from apps.reports.explaining import Part
from apps.reports.wallboard import Health
from apps.sla.legs import Leg

SOMEBODY = "Somebody"
NO_POLICY = "no policy"
AWAITED: dict[str, str] = {
    Clock.Kind.FIRST_RESPONSE: "first answer",
    Clock.Kind.NEXT_RESPONSE: "answer",
    Clock.Kind.RESOLUTION: "resolution",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and the words in it: who did it, about whom, and why."""

    event: Event
    by: str
    about: str

    def word(self, name: str) -> str:
        """Return what the event says under that name; empty where it says nothing."""
        return str(self.event.data.get(name, ""))


def happened(event: Event, names: Mapping[int, str]) -> str:
    """Say what an event of the ledger was."""
    by, about = (names.get(i or 0, SOMEBODY) for i in (event.by_id, event.user_id))
    return SENTENCES.get(event.kind, _in_its_own_word)(Happening(event, by, about)).strip()


def _in_its_own_word(one: Happening) -> str:
    return f"{one.event.kind.replace('_', ' ').capitalize()} by {one.by}"


def _resolved(one: Happening) -> str:
    reason = one.word("reason")
    return f"Resolved by {one.by}" + (f", no reply needed: {reason}" if reason else "")


def _snoozed(one: Happening) -> str:
    until = datetime.fromisoformat(one.word("until"))
    return f"{one.by} snoozed it until {spelling.coming_instant(until)}"


def _woke(one: Happening) -> str:
    return f"{one.by} ended the snooze" if one.event.by_id else "Back: the snooze is over"


def _promised(one: Happening) -> str:
    due = datetime.fromisoformat(one.word("due"))
    return f"{one.by} promised something by {spelling.coming_instant(due)}"


def _paused(one: Happening) -> str:
    return f"{one.by} paused the resolution: {waits_on(one.word('for'))}"


def waits_on(paused_for: str) -> str:
    """Say on whom resolving waits."""
    return f"waiting on {Conversation.Pause(paused_for).label}"


SENTENCES: dict[str, Callable[[Happening], str]] = {
    "assigned": lambda one: f"Assigned to {one.about}. {one.word('because')}",
    "unassigned": lambda one: f"{one.by} put it back into the queue",
    "returned": lambda one: f"Back in the queue. {one.word('because')}",
    "kept": lambda one: f"{one.by} keeps it",
    "reopened": lambda _: "Reopened: the customer wrote again",
    "snoozed": _snoozed,
    "woke": _woke,
    "paused": _paused,
    "unpaused": lambda one: f"{one.by} let the resolution go on",
    "resolved": _resolved,
    "resolve_undone": lambda one: f"{one.by} took the resolve back",
    "dismissed": lambda one: f"{one.by} decided that no reply is needed: {one.word('reason')}",
    "tagged": lambda one: f"{one.by} tagged it {one.word('name')}",
    "untagged": lambda one: f"{one.by} took the tag {one.word('name')} off",
    "prioritized": lambda one: (
        f"{one.by} set the priority to {one.word('priority')}; it was {one.word('was')}"
    ),
    "flagged": lambda one: f"{one.by} flagged the customer: {one.word('name')}",
    "unflagged": lambda one: f"{one.by} took the flag {one.word('name')} off the customer",
    "pinned": lambda one: f"{one.by} pinned a note",
    "unpinned": lambda one: f"{one.by} took a note off the top",
    "promised": _promised,
    "promise_kept": lambda one: f"{one.by} said that a promise was kept",
    "promise_broken": lambda one: f"{one.by} said that a promise was broken",
    "promise_withdrawn": lambda one: f"{one.by} took back that it was a promise",
    "merged": lambda _: "Joined with another conversation of the same thread",
}


# Deeds whose kind is no word that people use.
DEEDS: dict[str, str] = {
    "user_added": "Took somebody in",
    "user_invited": "Invited somebody",
    "invitation_renewed": "Sent an invitation again",
    "invitation_withdrawn": "Took an invitation back",
    "invitation_accepted": "Accepted an invitation",
    "user_placed": "Gave a role and teams",
    "user_changed": "Changed what somebody can take, or says of themselves",
    "user_deactivated": "Let somebody go",
    "user_brought_back": "Brought somebody back",
    "signed_out": "Signed somebody out",
    "account_connected": "Tied a sign-in service to themselves",
    "account_disconnected": "Let go of a sign-in service",
    "password_changed": "Changed a password",
    "password_reset": "Chose a new password by a letter",
    "password_set": "Chose a first password",
    "totp_activated": "Set up an app as second factor",
    "totp_deactivated": "Gave up the app as second factor",
    "webauthn_added": "Added a passkey",
    "webauthn_removed": "Removed a passkey",
    "recovery_codes_generated": "Had new recovery codes made",
    "second_factor_dropped": "Took a second factor away",
    "team_added": "Made a team",
    "team_changed": "Changed how a team works",
    "team_removed": "Removed a team",
    "channel_connected": "Connected a channel",
    "channel_changed": "Changed a channel",
    "channel_paused": "Paused a channel",
    "channel_went_on": "Let a channel go on",
    "channel_secret_shown": "Had a channel’s secret shown",
    "channel_secret_rotated": "Replaced a channel’s secret",
    "channel_old_secret_dropped": "Dropped a channel’s old secret",
    "channel_skills_changed": "Changed what a channel requires",
    "business_hours_saved": "Saved opening hours",
    "api_client_added": "Let a program in",
    "api_client_changed": "Changed what a program may",
    "api_client_secret_renewed": "Gave a program another secret",
    "api_client_removed": "Let a program in no more",
    "webhook_added": "Added a webhook",
    "webhook_changed": "Changed a webhook",
    "webhook_secret_shown": "Had a webhook’s secret shown",
    "webhook_secret_rotated": "Replaced a webhook’s secret",
    "webhook_old_secret_dropped": "Dropped a webhook’s old secret",
    "webhook_switched_on": "Switched a webhook on",
    "webhook_switched_off": "Switched a webhook off",
    "webhook_tested": "Sent a webhook a test",
    "webhook_redelivered": "Had a webhook told again",
    "webhook_removed": "Removed a webhook",
    "audit_exported": "Saved the audit as CSV",
    "presence_chosen": "Went on, away or off",
}
LONGEST_DETAIL = 80
NUMBERED = ("tag", "flag", "view", "team", "client", "webhook")


def deed(kind: str) -> str:
    """Say what kind of thing somebody did."""
    return DEEDS.get(kind) or kind.replace("_", " ").capitalize()


def doer(event: Event, names: Mapping[int, str]) -> str:
    """Say who did it: somebody, or a command that whoever runs the desk's machine typed."""
    if event.command is not None:
        return f"The command line ({event.command})"
    return names.get(event.by_id or 0, SOMEBODY)


def details(data: Mapping[str, object]) -> str:
    """Say what an event holds besides, in few words; what has a name there needs no number."""
    numbers = NUMBERED if "name" in data else ()
    said = (
        _listed(value) if key == "name" else f"{key.replace('_', ' ')}: {_listed(value)}"
        for key, value in data.items()
        if value and key not in numbers
    )
    return "; ".join(said)


def _listed(value: object) -> str:
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]}…"


def fares(message: Message, *, now: datetime) -> str:
    """Say where one of our messages is on its way, and what to do; empty once it is there."""
    network = message.channel.connector.label
    match message.state:
        case Message.State.QUEUED if message.not_before and message.not_before > now:
            return "Leaves in a moment"
        case Message.State.QUEUED if message.channel.paused_at is not None:
            return "Waits here: an admin paused this channel."
        case Message.State.QUEUED:
            return "About to leave"
        case Message.State.IN_FLIGHT:
            return "Being sent…"
        case Message.State.RETRY:
            return f"{network} could not take it yet. The desk tries again by itself."
        case Message.State.UNKNOWN:
            return f"Perhaps it is up. The desk is asking {network}; do not write it again."
        case Message.State.REFUSED:
            return f"{network} refused it: {message.error or 'no reason given'}."
        case Message.State.NEEDS_AUTHOR:
            return (
                f"It could not be settled whether {network} has it. Look at the thread there:"
                " if it is not up, bring it back and send it again."
            )
        case _:
            return ""


def told(notification: Notification) -> str:
    """Say what somebody was told, after the name of the customer or the thing it is about."""
    due = spelling.clock_time(notification.due_at) if notification.due_at else ""
    what = AWAITED.get(notification.clock_kind or "", "")
    match notification.kind:
        case NotificationKind.WARNING:
            return f"{what} due at {due}"
        case NotificationKind.BREACH:
            return f"{what} past due since {due}"
        case NotificationKind.PLEDGE:
            return f"{notification.by or SOMEBODY}’s promise is due at {due}"
        case NotificationKind.WEBHOOK:
            return f"was switched off. {notification.why}"
        case _:
            by = notification.by.name if notification.by else SOMEBODY
            return f"{by} named you in a note"


LEGS = {
    Leg.DETECT: "until it reached the desk",
    Leg.QUEUE: "until somebody had it",
    Leg.READ: "until it was opened",
    Leg.WRITE: "until the answer was sent",
    Leg.DELIVER: "until the network had it",
}


def leg(one: Leg) -> str:
    """Say which part of a wait this is."""
    return LEGS[one]


PARTS = {
    Part.OPENS: "The customer wrote, and waits",
    Part.JOINS: "They wrote again: the same wait",
    Part.ANSWERS: "An answer",
    Part.PAUSES: "Paused",
    Part.GOES_ON: "Goes on",
    Part.ENDS: "It ends",
}


def part(one: Part) -> str:
    """Say what something that happened did to a wait."""
    return PARTS[one]


HEALTH = {
    Health.WELL: ("healthy", "What is said there arrives within two minutes."),
    Health.LATE: ("arrives late", "Half of what came in the last hour was said minutes before."),
    Health.PAUSED: ("paused", "Replies wait here, by an admin’s decision; what is said arrives."),
    Health.STUCK: ("stuck", "What came in waits for more than two minutes to be taken in."),
    Health.NEVER: ("never heard", "Nothing ever came in: is it connected?"),
}


def health(one: Health) -> str:
    """Say in a word or two how a channel is."""
    return HEALTH[one][0]


def health_means(one: Health) -> str:
    """Say what that means."""
    return HEALTH[one][1]


def waits(since: datetime, clock: Clock | None) -> str:
    """Say since when somebody waits, and until when and by which policy they were promised."""
    sentence = f"Waiting since {spelling.full_instant(since)}."
    if clock is None or clock.due_at is None:
        return sentence
    return f"{sentence} Due {spelling.full_instant(clock.due_at)}, by {judged(clock)}."


def judged(clock: Clock) -> str:
    """Name the policy's version that judges a clock, and that of its hours."""
    if clock.policy_version is None:
        return NO_POLICY
    if clock.calendar_version is None:
        return f"{clock.policy_version}, round the clock"
    hours = clock.calendar_version
    return f"{clock.policy_version}, in {hours.business_hours}, version {hours.version}"
