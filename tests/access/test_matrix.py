"""The matrix, held to the desk: every address, every role, one's own, another's and unknown ids."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from apps.agents.models import User
from tests import people
from tests.access import matrix
from tests.access.matrix import MATRIX, PEOPLE, TEAM, THEIRS, Rule
from tests.access.scene import UNKNOWN, Scene, Values, set_scene
from tests.api.conftest import a_token
from tests.signing_in import window

pytestmark = pytest.mark.django_db

ADD = (
    'is in no line of tests/access/matrix.py. Add one there, such as "{name}": TEAM, and see '
    "its rules for who that lets in."
)
OUT = {403, 404}
# What one sees and may not decide, the API refuses with a reason.
REFUSED = {400, 422}
OF_THE_API = {
    "set-aside": "set_aside_id",
    "identities": "identity_id",
    "flags": "flag_id",
    "tags": "label_id",
    "matches": "match_id",
    "policies": "policy_id",
    "hours": "hours_id",
    "pictures": "attachment_id",
    "promises": "pledge_id",
    "webhooks": "subscription_id",
}


class Route(NamedTuple):
    """One address: its name, where it is, what it names, and for the API by which method.

    `key` is how the matrix calls it: the name, with the API's method if it is not GET.
    """

    name: str
    path: str
    names: list[str]
    method: str = ""

    @property
    def key(self) -> str:
        return self.name if self.method in {"", "get"} else f"{self.name} {self.method}"


def routes(
    patterns: list[URLPattern | URLResolver],
    *,
    space: str = "",
    path: str = "",
    named_before: Sequence[str] = (),
) -> Iterator[Route]:
    """Find every address there is, as the desk itself would."""
    for one in patterns:
        here = path + str(one.pattern)
        expression = getattr(one.pattern, "regex", re.compile(""))
        named = [*named_before, *(one.pattern.converters or expression.groupindex)]
        if isinstance(one, URLResolver):
            inner = f"{one.namespace}:" if one.namespace else space
            yield from routes(one.url_patterns, space=inner, path=here, named_before=named)
        elif one.name or here != "api/v1/":  # whatever is nothing of the API's
            for method in getattr(one.callback, "actions", None) or [""]:
                yield Route(space + (one.name or here), here, named, method)


# Addresses that answer nobody who only looks, as they turn out.
DEEDS: set[str] = set()
ROUTES = list(routes(get_resolver().url_patterns))


class Asking:
    """One role's way to ask, which leaves nothing behind."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.headers = headers

    def ask(self, route: Route, values: Values) -> HttpResponse:
        """Go there; where looking alone does nothing, do it."""
        address = reverse(route.name, kwargs=_named(route, values))
        is_api = route.path.startswith("api/v1/")
        said = matrix.SAID.get(route.key, {})
        how: dict[str, Any] = {"headers": self.headers}
        if is_api:
            how["content_type"] = "application/json"
        self.client.cookies.pop("messages", None)
        with transaction.atomic():
            answer: Any = self._looked(route, address, how)
            if answer is None:
                deed = getattr(self.client, route.method or "post")
                answer = deed(address, said, **how)
            transaction.set_rollback(True)
        assert answer.status_code < 500, f"{route.key} breaks: {answer.status_code}"
        found: HttpResponse = answer
        return found

    def _looked(self, route: Route, address: str, how: dict[str, Any]) -> Any:
        """What looking answers; None where one has to do it."""
        if route.method not in {"", "get"} or route.key in DEEDS:
            return None
        answer = self.client.get(address, **how)
        if answer.status_code != 405:
            return answer
        DEEDS.add(route.key)
        return None


def test_every_address_is_in_the_matrix() -> None:
    missing = sorted({route.key for route in ROUTES} - set(MATRIX))
    assert not missing, "\n".join(f"{name} {ADD.format(name=name)}" for name in missing)


def test_the_matrix_speaks_of_no_address_that_is_gone() -> None:
    keys, names = {route.key for route in ROUTES}, {route.name for route in ROUTES}
    resources = {_resource(route) for route in ROUTES if route.path.startswith("api/v1/")}
    said_of = set(MATRIX) | matrix.NOT_BY_PROGRAMS | set(matrix.SAID)
    gone = {*(said_of - keys), *(set(matrix.NAMES) - names - keys), *(set(OF_THE_API) - resources)}
    assert not gone, f"These lines speak of nothing that there is: {sorted(gone)}"


def test_every_role_reaches_what_the_matrix_says_and_nothing_else() -> None:
    scene = set_scene(timezone.now())
    left = people.a_user("Lea Gone", team=people.a_team("Care"))
    gone = window(left)
    User.objects.filter(id=left.pk).update(is_active=False)
    token = a_token(scene.ana, "read", "write", "inbound")
    roles = {
        "agent": Asking(window(scene.ana)),
        "manager": Asking(window(scene.mia)),
        "admin": Asking(window(scene.ada)),
    }
    strangers = {"anonymous": Asking(Client()), "deactivated": Asking(gone)}
    program = Asking(Client(), authorization=f"Bearer {token}")
    wrong: list[str] = []
    for route in ROUTES:
        rule, is_api = MATRIX[route.key], route.path.startswith("api/v1/")
        here = {**scene.desk, **scene.own}
        for role, asking in strangers.items():
            wrong += _of_a_stranger(route, rule, role, asking, here)
        if rule.anonymous:
            continue
        for role, asking in roles.items():
            # What agents reach, or just so much of it, others reach by the same way.
            if role == "agent" or (rule != PEOPLE and not (is_api and rule in {TEAM, THEIRS})):
                wrong += _of_a_role(route, rule, role, asking, scene)
        if is_api:
            answer = program.ask(route, here)
            expected = rule.agent != "none" and route.key not in matrix.NOT_BY_PROGRAMS
            if (answer.status_code not in OUT) != expected:
                wrong.append(f"{route.key}: a program is answered {answer.status_code}")
        elif not _is_shut(route, program.ask(route, here)):
            wrong.append(f"{route.key}: a program reaches it")
    assert not wrong, "\n".join(wrong)


def _of_a_stranger(
    route: Route, rule: Rule, role: str, asking: Asking, here: Values
) -> Iterator[str]:
    """What is wrong with what somebody reaches here who does not work here, or no longer."""
    if route.path.startswith("api/v1/") and role == "deactivated":
        return  # their session is judged by the same code as the console's
    answer = asking.ask(route, here)
    if not (rule.anonymous or _is_shut(route, answer)):
        yield f"{route.key}: {role} is answered {answer.status_code}"


def _of_a_role(route: Route, rule: Rule, role: str, asking: Asking, scene: Scene) -> Iterator[str]:
    """What is wrong with what this role reaches here."""
    reach = str(getattr(rule, role))
    whose = {"own": {**scene.desk, **scene.own}}
    if any(_name(route, one) in scene.own for one in route.names):
        whose["other"] = {**scene.desk, **scene.other}
    unknown = {
        name: UNKNOWN if isinstance(value, int) else value for name, value in whose["own"].items()
    }
    nobody = None
    if any(unknown[_name(route, one)] == UNKNOWN for one in route.names):
        nobody = asking.ask(route, unknown)
        if nobody.status_code not in OUT:
            yield f"{route.key}: {role} with an unknown id is answered {nobody.status_code}"
    for which, values in whose.items():
        answer = asking.ask(route, values)
        if reach in {"any", which}:
            if answer.status_code in OUT:
                yield f"{route.key}: {role} with {which} is answered {answer.status_code}"
        elif answer.status_code not in OUT:
            if which == "other" or answer.status_code not in REFUSED:
                yield f"{route.key}: {role} with {which} is answered {answer.status_code}"
        elif nobody and _plain(answer, route, values) != _plain(nobody, route, unknown):
            yield f"{route.key}: {role} can tell {which} from unknown"


def _name(route: Route, name: str) -> str:
    """What stands in the scene for a part of an address."""
    if name != "pk":
        return matrix.NAMES.get(route.name, name)
    if not route.name.startswith("api-"):
        return "authenticator_id"
    resource = _resource(route)
    return OF_THE_API.get(resource, f"{resource.removesuffix('s')}_id")


def _resource(route: Route) -> str:
    """Which resource of the API an address is of."""
    return route.path.removeprefix("api/v1/^").partition("/")[0]


def _named(route: Route, values: Values) -> Values:
    missing = [one for one in route.names if _name(route, one) not in values]
    assert not missing, f"{route.key}: the scene has nothing for {missing}, add it there"
    return {one: values[_name(route, one)] for one in route.names}


def _is_shut(route: Route, answer: HttpResponse) -> bool:
    """Whether whoever asks is sent to sign in."""
    if route.path.startswith("api/v1/"):
        return answer.status_code == 401
    return answer.headers.get("Location", "").startswith("/accounts/login/")


def _plain(answer: HttpResponse, route: Route, values: Values) -> str:
    """An answer without what differs between any two: tokens, the time, and the ids themselves."""
    text = re.sub(
        r"[0-9A-Za-z]{64}|\d{4}-\d\d-\d\dT[\d:.+Z]+", "", answer.content.decode(errors="replace")
    )
    path = reverse(route.name, kwargs=_named(route, values))
    headers = {k: v for k, v in answer.headers.items() if k not in {"Content-Length", "RateLimit"}}
    return f"{answer.status_code} {headers} {text.replace(path, '')}"
