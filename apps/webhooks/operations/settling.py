"""What became of an attempt: taken, to be tried again, or given up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from apps.common.http import Answer, NoAnswer
from apps.common.text import storable
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations.subscribing import turn_off

GONE = 410
MOST_REMEMBERED = 20
MOST_SAID = 300
IN_VAIN_MS = 1000
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=1)
LONGEST_PUT_OFF = timedelta(hours=24)


@transaction.atomic
def settle(
    batch: Sequence[Dispatch],
    answers: Sequence[Answer | NoAnswer],
    *,
    milliseconds: int,
    at: datetime,
) -> None:
    """Write down how a batch for one endpoint went, and what follows for it."""
    subscription = (
        Subscription.objects.select_for_update(no_key=True)
        .filter(id=batch[0].subscription_id)
        .first()
    )
    if subscription is None:
        return
    present = {
        one.pk: one
        for one in Dispatch.objects.select_for_update(of=("self",), no_key=True)
        .filter(id__in=[one.pk for one in batch])
        .order_by("id")
    }
    for claimed, answer in zip(batch, answers, strict=True):
        dispatch = present[claimed.pk]
        if dispatch.state == Dispatch.State.WAITING:
            _judge(dispatch, answer, milliseconds=milliseconds, at=at)
    Dispatch.objects.bulk_update(
        present.values(), ["state", "attempts", "next_at", "settled_at", "history"]
    )
    _judge_endpoint(subscription, answers, milliseconds=milliseconds, at=at)
    _give_up(subscription, list(present.values()), answers, at=at)


def _judge(
    dispatch: Dispatch, answer: Answer | NoAnswer, *, milliseconds: int, at: datetime
) -> None:
    dispatch.attempts += 1
    attempt = {"at": at.astimezone(UTC).isoformat(), "ms": milliseconds, **_told(answer)}
    dispatch.history = [*dispatch.history, attempt][-MOST_REMEMBERED:]
    if isinstance(answer, Answer) and answer.is_success:
        _end(dispatch, Dispatch.State.TAKEN, at=at)
    elif dispatch.pause is None or (isinstance(answer, Answer) and answer.status == GONE):
        _end(dispatch, Dispatch.State.GIVEN_UP, at=at)
    else:
        dispatch.next_at = at + max(dispatch.pause, _asked_to_wait(answer))


def _end(dispatch: Dispatch, state: Dispatch.State, *, at: datetime) -> None:
    dispatch.state, dispatch.next_at, dispatch.settled_at = state, None, at


def _told(answer: Answer | NoAnswer) -> dict[str, object]:
    if isinstance(answer, NoAnswer):
        return {"status": None, "said": answer.reason[:MOST_SAID]}
    said = storable(answer.body.decode("utf-8", errors="replace"))[:MOST_SAID]
    if 300 <= answer.status < 400:
        said = "Redirects are not followed: give the address it leads to."
    return {"status": answer.status, "said": said}


def _asked_to_wait(answer: Answer | NoAnswer) -> timedelta:
    """How long an endpoint asks for patience by Retry-After, in seconds."""
    asked = answer.headers.get("retry-after", "") if isinstance(answer, Answer) else ""
    seconds = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    return min(timedelta(seconds=seconds), LONGEST_PUT_OFF)


def _judge_endpoint(
    subscription: Subscription,
    answers: Sequence[Answer | NoAnswer],
    *,
    milliseconds: int,
    at: datetime,
) -> None:
    """Who answers is at no fault; who keeps the desk waiting for nothing is left alone a while."""
    if any(isinstance(answer, Answer) and answer.is_success for answer in answers):
        subscription.last_taken_at = at
    if milliseconds >= IN_VAIN_MS and all(isinstance(answer, NoAnswer) for answer in answers):
        rest = LONGEST_REST if subscription.rests_until else FIRST_REST
        subscription.rests_until = at + rest
    else:
        subscription.rests_until = None
    subscription.save(update_fields=["last_taken_at", "rests_until"])


def _give_up(
    subscription: Subscription,
    tried: Sequence[Dispatch],
    answers: Sequence[Answer | NoAnswer],
    *,
    at: datetime,
) -> None:
    """An endpoint that is gone, or has taken nothing while all attempts at an event failed, is
    switched off.
    """
    if any(isinstance(answer, Answer) and answer.status == GONE for answer in answers):
        turn_off(
            subscription=subscription, because="It said that it is gone (410).", by=None, at=at
        )
        return
    given_up = [one for one in tried if one.state == Dispatch.State.GIVEN_UP]
    since = min((_first_of(one) for one in given_up), default=at)
    taken_meanwhile = subscription.last_taken_at is not None and subscription.last_taken_at > since
    if given_up and not taken_meanwhile:
        turn_off(
            subscription=subscription,
            because=f"All {given_up[0].attempts} attempts at an event failed.",
            by=None,
            at=at,
        )


def _first_of(dispatch: Dispatch) -> datetime:
    """When the first of its latest attempts was made."""
    return datetime.fromisoformat(dispatch.history[-dispatch.attempts]["at"])
