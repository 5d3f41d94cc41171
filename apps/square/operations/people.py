"""Who is on Square: joining, a brand's token, and where a brand hears of posts."""

import base64
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.square import rules
from apps.square.models import Person, Subscription, fingerprint


def join(*, handle: str, name: str, is_brand: bool = False, at: datetime) -> Person:
    """Return the person with that handle in any case, who joins now if nobody has it.

    A given name becomes theirs. RuleError for a handle nobody could have, or one that belongs to
    a brand when a customer asks for it (and the other way round).
    """
    bare = rules.handle(handle)
    person = _find_or_create(bare, rules.name(name, otherwise=bare), is_brand, at)
    if person.is_brand != is_brand:
        raise rules.RuleError(f"@{person.handle} is taken: choose another handle.")
    new_name = rules.name(name, otherwise=person.name)
    if new_name != person.name:
        person.name = new_name
        person.save(update_fields=["name"])
    return person


def issue_token(*, person: Person) -> str:
    """Give a brand a new bearer token and return it, the only time it can be read."""
    token = secrets.token_urlsafe(32)
    person.token_sha256 = fingerprint(token)
    person.save(update_fields=["token_sha256"])
    return token


def subscribe(*, person: Person, url: str, secret: str) -> Subscription:
    """Tell the brand of posts that concern it at `url`, signed with `secret`, from now on.

    A second call replaces both; notices that still wait go to the new address. RuleError for a
    secret that cannot sign.
    """
    _must_sign(secret)
    subscription, _ = Subscription.objects.update_or_create(
        brand=person, defaults={"url": url, "secret": secret}
    )
    return subscription


def _must_sign(secret: str) -> None:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise rules.RuleError("A webhook secret is whsec_ and base64: make a new one.")


def _find_or_create(handle: str, name: str, is_brand: bool, at: datetime) -> Person:
    found = Person.objects.filter(handle__iexact=handle).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Person.objects.create(handle=handle, name=name, is_brand=is_brand, joined_at=at)
    except IntegrityError:
        # Somebody else took the same handle between the look and the insert.
        return Person.objects.get(handle__iexact=handle)
