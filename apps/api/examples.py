"""An example for everything the API's description names, made from its schema."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

TYPICAL: Mapping[str, Any] = {
    "name": "Ana Bauer",
    "email": "ana@acme.example",
    "initials": "AB",
    "handle": "@kim",
    "author_id": "+49301234",
    "author_handle": "+49 30 1234",
    "author_name": "Kim Lee",
    "text": "Dear Kim, your new router is on its way. ^AB",
    "url": "https://crm.example/hooks/desk",
    "network": "square",
    "account_id": "acme",
    "language": "de",
    "languages": ["de", "pt-BR"],
    "skills": ["billing"],
    "words": "your new router is on its way",
    "reason": "Both told us order 48213.",
    "colour": "blue",
    "zone": "Europe/Berlin",
    "country": "DE",
    "week": {"mon": [["09:00", "12:30"], ["13:15", "18:00"]]},
    "own_days": ["2026-12-24"],
    "given": {"over": "30"},
    "weights": {"direct": 2},
    "no_reply_needed": "A thank-you.",
    "detail": "Kim Lee is waiting for an answer: say why no reply is needed.",
    "type": "received",
    "kinds": ["received", "sent"],
    "standing": "on",
    "limit": 25,
}
WHAT: Mapping[str, str] = {
    "400": "Some of what was sent cannot be taken: see errors.",
    "401": "This token is unknown, or its time is over. Get a new one.",
    "403": "A person does this, signed in to the desk; a program can only prepare it.",
    "404": "There is nothing here, or nothing that you may read.",
    "405": 'Method "DELETE" not allowed.',
    "409": "Ben Wood took this conversation a moment ago.",
    "412": "It changed since you read it. Read it again, then decide.",
    "413": "The body is larger than 1000000 bytes. Send less at once.",
    "415": 'Unsupported media type "text/plain" in request.',
    "422": "Kim Lee is waiting for an answer: say why no reply is needed.",
    "429": "Request was throttled. Expected available in 3 seconds.",
    "500": "The desk failed at this. It is logged; try again later.",
}
INSTANT = "2026-11-25T15:48:13Z"


def problem_of(status: str) -> dict[str, Any]:
    """Return problem details as that status comes with them."""
    value: dict[str, Any] = {
        "status": int(status),
        "title": HTTPStatus(int(status)).phrase,
        "detail": WHAT[status],
    }
    if status == "400":
        value["errors"] = {"text": ["This field is required."]}
    return {"value": value}


def example_of(name: str, schemas: Mapping[str, Any]) -> Any:
    """Return an example of a named schema."""
    return _of(schemas[name], schemas, field="")


def _of(schema: Mapping[str, Any], schemas: Mapping[str, Any], *, field: str) -> Any:
    """Return what is typical of a field of that name, else what its type allows."""
    if "$ref" in schema:
        return example_of(schema["$ref"].rpartition("/")[2], schemas)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return TYPICAL.get(field) or _of(schema[several][0], schemas, field=field)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and "properties" in schema:
        return {one: _of(about, schemas, field=one) for one, about in schema["properties"].items()}
    return _plain(schema, schemas, kind, field)


def _plain(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], kind: str | None, field: str
) -> Any:
    typical = TYPICAL.get(field)
    match kind:
        case "array":
            items = schema.get("items", {})
            return typical if isinstance(typical, list) else [_of(items, schemas, field="")]
        case "object":
            return typical if isinstance(typical, dict) else {}
        case "integer":
            return max(schema.get("minimum", 1), 1)
        case "number":
            return 1.5
        case "boolean":
            return True
        case "string":
            made = {"date-time": INSTANT, "date": "2026-11-25", "uri": TYPICAL["url"]}
            fallback = made.get(schema.get("format", ""), "something")
            said = typical if isinstance(typical, str) else fallback
            fits = re.search(schema.get("pattern", ""), said)
            return said[: schema.get("maxLength")] if fits else "return-address"
        case _:
            return typical
