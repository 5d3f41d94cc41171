"""Carrying notices to brands: claimed, sent outside any transaction, repeated until taken."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from standardwebhooks import Webhook

from apps.common.http import Answer, Call, NoAnswer, exchange
from apps.square.models import Notice

BATCH = 16
ANSWER_SECONDS = 5
LEASE = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=15)

log = structlog.get_logger(__name__)


def deliver_due(*, at: datetime) -> int:
    """Try one batch of the notices due at that instant; return how many were tried.

    A notice is done when the brand's desk answered 2xx. Any other end makes it due again after a
    pause that doubles up to 15 s, for ever: a desk that was down hears everything.
    """
    notices = _claim(at=at)
    answers = exchange([_signed(notice, at=at) for notice in notices], seconds=ANSWER_SECONDS)
    taken = [
        notice
        for notice, answer in zip(notices, answers, strict=True)
        if isinstance(answer, Answer) and answer.is_success
    ]
    Notice.objects.filter(id__in=[notice.pk for notice in taken]).update(delivered_at=at)
    for notice, answer in zip(notices, answers, strict=True):
        if notice not in taken:
            _try_later(notice, answer, at=at)
    return len(notices)


@transaction.atomic
def _claim(*, at: datetime) -> Sequence[Notice]:
    """Take due notices for the length of a lease; a sender that dies loses only that time."""
    notices = list(
        Notice.objects.due(at=at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("subscription")[:BATCH]
    )
    Notice.objects.filter(id__in=[notice.pk for notice in notices]).update(
        next_at=at + LEASE, attempts=F("attempts") + 1
    )
    return notices


def _signed(notice: Notice, *, at: datetime) -> Call:
    webhook_id = f"notice_{notice.pk}"
    body = bytes(notice.body)
    return Call(
        method="POST",
        url=notice.subscription.url,
        headers={
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            # The library takes the instant's wall time for UTC, whatever zone it carries.
            "webhook-signature": Webhook(notice.subscription.secret).sign(
                webhook_id, at.astimezone(UTC), body.decode()
            ),
        },
        body=body,
    )


def _try_later(notice: Notice, answer: Answer | NoAnswer, *, at: datetime) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts, 10), LONGEST_PAUSE)
    Notice.objects.filter(id=notice.pk, delivered_at__isnull=True).update(next_at=at + pause)
    log.warning(
        "square_notice_not_taken",
        notice_id=notice.pk,
        attempts=notice.attempts + 1,
        answer=answer.status if isinstance(answer, Answer) else answer.reason,
    )
