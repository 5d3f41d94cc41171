"""What every resource of the API has in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, ExpressionWrapper, F, Model, QuerySet
from django.http import Http404
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import APIException, ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.agents.models import User
from apps.agents.programs import READ, WRITE
from apps.api.access import PersonAuthentication, ProgramAuthentication, Scoped
from apps.api.idempotency import once
from apps.api.limits import OnlyJson, Throttle, told
from apps.api.problems import TooLarge, handle
from apps.common.rates import Rate, Verdict

M = TypeVar("M", bound=Model)

IN_TURN = "in_turn"
NOT_KEPT = "private, no-store"


class Pages(CursorPagination):
    """Pages by a cursor that stays right while rows come in; `limit` says how many a page has."""

    ordering = "-id"
    page_size = 25
    max_page_size = 100
    page_size_query_param = "limit"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str]:
        """Return the one there is: newest first."""
        return (f"-{IN_TURN if IN_TURN in queryset.query.annotations else 'id'}",)


def in_turn(rows: QuerySet[M]) -> QuerySet[M]:
    """Have few among many rows found first and put in order then.

    PostgreSQL would rather look through all of them in the order of their ids.
    """
    turn = ExpressionWrapper(F("id") + 0, BigIntegerField())
    ordered: QuerySet[M] = rows.annotate(**{IN_TURN: turn})
    return ordered


class Resource(GenericViewSet[M]):
    """One kind of thing. What a request changes is one transaction, and done once a key.

    `scope` is what a program needs for changing something, `read_scope` for reading it; where
    `people_only` holds, none will do. What is for admins only is unknown to everybody else.
    """

    authentication_classes = [ProgramAuthentication, PersonAuthentication]
    permission_classes = [Scoped]
    throttle_classes = [Throttle]
    renderer_classes = [JSONRenderer]
    parser_classes = [JSONParser]
    content_negotiation_class = OnlyJson
    pagination_class: Any = Pages
    filter_backends = [DjangoFilterBackend]
    lookup_value_regex = "[0-9]{1,18}"
    scope, read_scope = WRITE, READ
    people_only = False
    admins_only = False
    rate: Rate | None = None
    verdict: Verdict | None = None
    request: Request

    @property
    def user(self) -> User:
        """The person who calls, or who answers for the program that does."""
        user: User = self.request.user  # type: ignore[assignment]
        return user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large before it is read, and what can't be read before it is used.

        Whoever is refused counts too, a stranger by where they call from.
        """
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
            raise TooLarge
        try:
            super().initial(request, *args, **kwargs)
        except (APIException, Http404):
            if self.verdict is None:
                self.check_throttles(request)
            raise
        if request.method not in SAFE_METHODS:
            self._read(request)

    def _read(self, request: Request) -> None:
        try:
            _ = request.data
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply. Send it flatter.") from error
        except (UnreadablePostError, RawPostDataException) as error:
            raise ParseError("The body could not be read to its end. Send it again.") from error

    def get_exception_handler(self) -> Any:
        """Every error is told as problem details."""
        return handle

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Tell how much of the rate is left; nobody in between keeps what was answered."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        if self.rate is not None and self.verdict is not None:
            for name, value in told(self.rate, self.verdict).items():
                final[name] = value
        final.headers.setdefault("Cache-Control", NOT_KEPT)
        return final

    def acting(self, act: Callable[[], Response]) -> Response:
        """Do what a request asks, all of it or nothing, and once where it has a key."""

        def whole() -> Response:
            try:
                with transaction.atomic():
                    return act()
            except Exception as error:  # noqa: BLE001 - every error has its answer
                return self.handle_exception(error)

        key = self.request.headers.get("Idempotency-Key", "")
        return once(self.request, key, whole, at=timezone.now()) if key else whole()
