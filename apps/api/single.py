"""Single things: shown with an ETag that names their state, and decided about in that state."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.access import PEOPLE_ONLY
from apps.api.base import Resource
from apps.api.fields import valid
from apps.api.problems import PreconditionFailed

M = TypeVar("M", bound=Model)


def state_of(read: Any) -> str:
    """Name a state by what is read in it."""
    told = json.dumps(read, default=str, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


class Single(Resource[M]):
    """A resource of which each one can be read by its id, made, changed or taken away.

    `is_matched` says whether what changes one looks at its state first.
    """

    is_matched = True

    def retrieve(self, request: Request, pk: str) -> Response:
        """Answer with one; its ETag names the state it was read in."""
        return self.shown(self.found(int(pk)))

    def found(self, key: int) -> M:
        """Return the one that the caller may read, or raise Http404."""
        row: M = get_object_or_404(self.get_queryset(), pk=key)
        return row

    def told(self, row: M) -> Any:
        """Return it as the caller reads it."""
        return self.get_serializer(row).data

    def version(self, row: M) -> str:
        """Name the state it is in: any change of what is read makes it another one."""
        return state_of(self.told(row))

    def hold(self, row: M) -> None:
        """Let nobody change it until the request is done, by the lock its operations take first."""
        type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)

    def shown(self, row: M, *, status: int = 200) -> Response:
        """Answer with it as it is."""
        return Response(self.told(row), status=status, headers={"ETag": f'"{self.version(row)}"'})

    def matching(self, pk: str) -> M:
        """Return it in the state the caller saw; raises PreconditionFailed if it changed since."""
        row = self.found(int(pk))
        if self.people_only and self.request.auth is not None:
            raise PermissionDenied(PEOPLE_ONLY)
        if self.request.headers.get("If-Match", "*") == "*":
            return row
        self.hold(row)
        row = self.found(int(pk))
        self.match(self.version(row))
        return row

    def match(self, state: str) -> None:
        """Raise PreconditionFailed if the caller names another state than this one."""
        wanted = self.request.headers.get("If-Match") or "*"
        if wanted != "*" and f'"{state}"' not in [tag.strip() for tag in wanted.split(",")]:
            raise PreconditionFailed

    def made(self, make: Callable[[], M]) -> Response:
        """Make one, and answer with it and where it is from now on."""

        def act() -> Response:
            answer = self.shown(row := self.found(make().pk), status=201)
            answer["Location"] = f"{self.request.path}{row.pk}/"
            return answer

        return self.acting(act)

    def decided(self, pk: str, decide: Callable[[M], object]) -> Response:
        """Decide about one in the state the caller saw, and answer with it as it is then."""

        def act() -> Response:
            row = self.matching(pk)
            decide(row)
            return self.shown(self.found(row.pk))

        return self.acting(act)

    def gone(self, pk: str, drop: Callable[[M], object]) -> Response:
        """Take one away in the state the caller saw."""

        def act() -> Response:
            drop(self.matching(pk))
            return Response(status=204)

        return self.acting(act)

    def said(self, kind: type[Any], *, partial: bool = False) -> dict[str, Any]:
        """Return what the request says, checked; raises ValidationError."""
        return valid(kind, self.request.data, partial=partial)
