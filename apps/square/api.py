"""What brands' programs may do: post once, and ask what became of a post.

Errors are problem details (RFC 9457) whose `detail` says what to do.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    ParseError,
)
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.square import operations, queries, wire
from apps.square.models import Media, Person, Post
from apps.square.rules import MOST_PICTURE_BYTES, RuleError


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer …` of a brand; the brand is the request's `auth`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Person] | None:
        """Return the brand as the request's `auth`; None without a token."""
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        brand = queries.brand_with(token.strip().decode("latin-1"))
        if brand is None:
            raise AuthenticationFailed("The token is not a brand's: issue a new one.")
        return AnonymousUser(), brand

    def authenticate_header(self, _request: Request) -> str:
        """Return what a 401 asks for."""
        return 'Bearer realm="Square"'


class IsBrand(BasePermission):
    """Only brands write here; customers write on the pages."""

    message = "Send the bearer token of a brand."

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Whether a brand's token came with the request."""
        return isinstance(request.auth, Person)


class Json(JSONParser):
    """JSON, and a clear answer where it is nested too deeply."""

    def parse(self, *arguments: Any, **named: Any) -> Any:
        """Read the body; a depth that no reader takes is the sender's error, not ours."""
        try:
            return super().parse(*arguments, **named)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply: send one flat object.") from error


class Raw(BaseParser):
    """A picture's bytes as they come, one more than are taken at most."""

    media_type = "image/*"

    def parse(self, stream: Any, *_arguments: Any, **_named: Any) -> Any:
        """Read them; what is longer is refused by its length."""
        return bytes(stream.read(MOST_PICTURE_BYTES + 1))


class Problem(Response):
    """An error as RFC 9457 has it."""

    def __init__(
        self, status: int, detail: str, *, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        title = HTTPStatus(status).phrase
        super().__init__(
            {"type": kind, "title": title, "status": status, "detail": detail},
            status=status,
            headers=headers,
            content_type="application/problem+json",
        )


class BrandView(APIView):
    """What all of these addresses share."""

    authentication_classes = (BearerToken,)
    permission_classes = (IsBrand,)
    parser_classes: tuple[type[BaseParser], ...] = (Json,)
    renderer_classes = (JSONRenderer,)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer every refusal as a problem."""
        if isinstance(exc, RuleError):
            return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(exc), kind="square:refused")
        if not isinstance(exc, APIException):
            return super().handle_exception(exc)
        headers: dict[str, str] = {}
        if isinstance(exc, NotAuthenticated | AuthenticationFailed):
            headers["WWW-Authenticate"] = self.get_authenticate_header(self.request)
        return Problem(
            exc.status_code, str(exc.detail), kind=f"square:{exc.default_code}", headers=headers
        )

    @property
    def brand(self) -> Person:
        """The brand that signed in with its token."""
        brand = self.request.auth
        assert isinstance(brand, Person)
        return brand


class Posts(BrandView):
    """`POST /square/api/posts`."""

    def post(self, request: Request) -> Response:
        """Publish once for an `Idempotency-Key`: 201 at first, 200 with the same afterwards."""
        key = request.headers.get("Idempotency-Key")
        earlier = operations.find_by_key(author=self.brand, key=key)
        if earlier is not None:
            return Response(wire.receipt(earlier))
        text, parent_id, media = _fields(request.data)
        published, is_new = operations.post_once(
            author=self.brand,
            text=text,
            parent=_parent(parent_id),
            language="",
            at=timezone.now(),
            idempotency_key=key,
            pictures=_pictures(media, self.brand),
        )
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(wire.receipt(published), status=status)


class MediaUpload(BrandView):
    """`POST /square/api/media`: a picture's bytes, its type by the content type."""

    parser_classes = (Raw,)

    def post(self, request: Request) -> Response:
        """Keep a picture; posts name it by the id that is answered."""
        body: object = request.data
        if not isinstance(body, bytes):
            raise RuleError("Send the bytes of one picture, its type as the content type.")
        kept = operations.upload(author=self.brand, body=body, at=timezone.now())
        return Response({"id": str(kept.pk)}, status=HTTPStatus.CREATED)


class PostByKey(BrandView):
    """`GET /square/api/posts/by-key/<key>`."""

    def get(self, _request: Request, key: str) -> Response:
        """Tell what this brand posted with a key."""
        published = operations.find_by_key(author=self.brand, key=key)
        if published is None:
            detail = "Nothing was posted with this key."
            return Problem(HTTPStatus.NOT_FOUND, detail, kind="square:unknown-key")
        return Response(wire.receipt(published))


class Notices(BrandView):
    """`GET /square/api/notices?since=…`: what was told once, for a desk that may have missed it."""

    def get(self, request: Request) -> Response:
        """Tell the notices of posts since an instant, a page at a time, `after` the last one."""
        told = queries.notices_since(
            self.brand, since=_since(request), after=_after(request.query_params.get("after", "0"))
        )
        last = str(told[-1].pk) if len(told) == queries.NOTICES else None
        notices = [json.loads(bytes(notice.body)) for notice in told]
        return Response({"notices": notices, "next": last})


class OnePost(BrandView):
    """`GET /square/api/posts/<id>`."""

    def get(self, _request: Request, post_id: str) -> Response:
        """Tell of any post."""
        found = queries.find_post(post_id)
        if found is None:
            detail = "There is no post with this id."
            return Problem(HTTPStatus.NOT_FOUND, detail, kind="square:unknown-post")
        return Response(wire.entry(found))


def _fields(sent: object) -> tuple[str, object, object]:
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str):
        raise RuleError('Send an object like {"text": "…", "parent_id": "1041"}.')
    return sent["text"], sent.get("parent_id"), sent.get("media", [])


def _pictures(written: object, brand: Person) -> list[tuple[Media, str]]:
    """Return a post's pictures with what they show; RuleError for any that are not the brand's."""
    if not isinstance(written, list):
        raise RuleError('Send media as a list like [{"id": "7", "alt": "A red light"}].')
    return [_picture(one, brand) for one in written]


def _picture(written: object, brand: Person) -> tuple[Media, str]:
    told = written if isinstance(written, dict) else {}
    media_id, alt = told.get("id"), told.get("alt")
    found = queries.find_media(media_id, author=brand) if isinstance(media_id, str) else None
    if found is None or not isinstance(alt, str):
        raise RuleError("Name pictures you uploaded by id, each with an alt text.")
    return found, alt


def _since(request: Request) -> datetime:
    try:
        since = datetime.fromisoformat(request.query_params.get("since", ""))
    except ValueError:
        since = None
    if since is None or since.tzinfo is None:
        raise RuleError("Name an instant with its offset: ?since=2026-03-01T09:00:00Z.")
    return since


def _after(written: str) -> int:
    if not written.isascii() or not written.isdigit() or int(written) > queries.LARGEST_ID:
        raise RuleError("`after` is what the page before called `next`: send that.")
    return int(written)


def _parent(written: object) -> Post | None:
    """Return the post that is answered; RuleError if there is none of that id."""
    if written is None:
        return None
    found = queries.find_post(written) if isinstance(written, str) else None
    if found is None:
        raise RuleError("The post you answer does not exist: check parent_id.")
    return found
