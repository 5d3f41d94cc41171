"""The API described by itself: OpenAPI 3.1 with every answer there is."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apps.agents.programs import SCOPES
from apps.api.examples import example_of, problem_of
from apps.api.problems import TYPE
from apps.api.single import Single

ALWAYS = {
    "400": "The request cannot be read: see `errors` and `detail`.",
    "401": "Nobody is signed in, or the token is unknown or over.",
    "403": "The scope is missing, or the form token of a session is.",
    "404": "There is nothing here, or nothing that the caller may read.",
    "405": "The resource knows no such method; `Allow` names those it knows.",
    "429": "Too many requests; `Retry-After` says when to go on.",
    "500": "The desk failed; it is logged.",
}
WRITING = {
    "409": "Somebody was faster, or the Idempotency-Key was used for something else.",
    "412": "`If-Match` names a state that is over: read it again.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The desk refuses it; `detail` says what to do instead.",
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again with the same key within 24 hours, the first answer is repeated.",
)
REPLAYED = {
    "description": "There with `true` where this repeats the first answer to the same key.",
    "schema": {"type": "string"},
}
RATE = {
    "RateLimit-Policy": {
        "description": "How many requests (`q`) a caller may make in how many seconds (`w`).",
        "schema": {"type": "string", "examples": ['"api";q=600;w=60']},
    },
    "RateLimit": {
        "description": "How many of them are left (`r`).",
        "schema": {"type": "string", "examples": ['"api";r=599']},
    },
}
RETRY = {
    "description": "After how many seconds to go on.",
    "schema": {"type": "integer", "examples": [3]},
}
ETAG = {
    "description": "Names the state it was read in, for `If-Match`.",
    "schema": {"type": "string", "examples": ['"5c0a"']},
}
MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag it was read with; 412 if it changed since.",
)


class DeskSchema(AutoSchema):
    """Adds the problems that every resource may answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with all its answers, what stands in their heads, and its scope."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        told = ALWAYS if self.method == "GET" else ALWAYS | WRITING
        for status, description in told.items():
            operation["responses"].setdefault(status, _problem(status, description))
        operation["responses"] = dict(sorted(operation["responses"].items()))
        for status, answer in operation["responses"].items():
            answer["headers"] = self._headers(status)
        if self.path.startswith("/api/v1/schema"):
            return operation
        operation["x-scope"] = self._scope()
        return operation

    def get_override_parameters(self) -> list[Any]:
        """Return the headers that requests which change something may have."""
        named = [KEY] if self.method == "POST" else []
        is_of_one = isinstance(self.view, Single) and "{id}" in self.path
        is_matched = is_of_one and getattr(self.view, "is_matched", False)
        return [*named, MATCH] if is_matched and self.method != "GET" else named

    def _headers(self, status: str) -> dict[str, Any]:
        headers: dict[str, Any] = dict(RATE)
        if status == "429":
            headers["Retry-After"] = RETRY
        if self.method == "POST":
            headers["Idempotent-Replayed"] = REPLAYED
        if status.startswith("2") and isinstance(self.view, Single) and "{id}" in self.path:
            headers["ETag"] = ETAG
        return headers

    def _scope(self) -> str:
        """Name what a program needs for it, or say that none may do it."""
        if getattr(self.view, "people_only", False):
            return "people only"
        needed = "read_scope" if self.method == "GET" else "scope"
        return str(getattr(self.view, needed, ""))


def _problem(status: str, description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": description,
        "content": {TYPE: {"schema": schema, "examples": {"problem": problem_of(status)}}},
    }


def only_version_1(endpoints: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Describe the desk's API alone, not that of the practice network."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe problem details once for all, and give every schema an example."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = {
        "type": "object",
        "required": ["status", "title", "detail"],
        "properties": {
            "status": {"type": "integer", "examples": [404]},
            "title": {"type": "string", "examples": ["Not Found"]},
            "detail": {"type": "string", "description": "What is wrong, and what to do."},
            "errors": {"description": "What is wrong with which field, where fields are."},
        },
        "examples": [problem_of("404")["value"]],
    }
    for name, schema in schemas.items():
        schema.setdefault("examples", [example_of(name, schemas)])
    return result


class ProgramScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How programs sign in."""

    target_class = "apps.api.access.ProgramAuthentication"
    name = "program"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        """Return client credentials with the scopes there are."""
        flow = {"tokenUrl": "/api/token", "scopes": dict(SCOPES)}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class PersonScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How people sign in."""

    target_class = "apps.api.access.PersonAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        """Return the session's cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
