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
from apps.agents.programs import SCOPES
from tests import people
from tests.access import matrix
from tests.access.conftest import window
from tests.access.matrix import MATRIX, PEOPLE, Rule
from tests.access.scene import UNKNOWN, Scene, Values, set_scene
from tests.api.conftest import a_token

pytestmark = pytest.mark.django_db

ADD = (
    'is in no line of tests/access/matrix.py. Add one there, such as "{name}": TEAM, and see '
    "its rules for who that lets in."
)
OF_THE_API = {
    "set-aside": "set_aside_id",
    "hours": "hours_id",
    "identities": "identity_id",
    "matches": "match_id",
    "pictures": "attachment_id",
    "policies": "policy_id",
    "promises": "pledge_id",
    "webhooks": "subscription_id",
    "flags": "flag_id",
    "tags": "label_id",
}


class Route(NamedTuple):
    """One address: its name, where it is, and what it names."""

    name: str
    path: str
    names: list[str]


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
            yield Route(space + (one.name or here), here, named)


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
        said: dict[str, Any] = dict(matrix.SAID.get(route.name, {}))
        how: dict[str, Any] = {"content_type": "application/json"} if is_api else {}
        self.client.cookies.pop("messages", None)
        with transaction.atomic():
            answer: Any = self.client.get(address, headers=self.headers)
            if answer.status_code == 405:
                answer = self.client.post(address, said, headers=self.headers, **how)
            if answer.status_code == 405:
                answer = self.client.put(address, said, headers=self.headers, **how)
            transaction.set_rollback(True)
        assert answer.status_code < 500, f"{route.name} breaks: {answer.status_code}"
        found: HttpResponse = answer
        return found


def test_every_address_is_in_the_matrix_and_nothing_else_is() -> None:
    names = {route.name for route in ROUTES}
    missing = sorted(names - set(MATRIX))
    assert not missing, "\n".join(f"{name} {ADD.format(name=name)}" for name in missing)
    assert not set(MATRIX) - names, "these addresses are gone: take their lines out"


def test_every_role_reaches_what_the_matrix_says_and_nothing_else() -> None:
    scene = set_scene(timezone.now())
    left = people.a_user("Lea Gone", team=people.a_team("Care"))
    gone = window(left)
    User.objects.filter(id=left.pk).update(is_active=False)
    token = a_token(scene.ana, *SCOPES)
    roles = {
        "agent": Asking(window(scene.ana)),
        "manager": Asking(window(scene.mia)),
        "admin": Asking(window(scene.ada)),
    }
    strangers = {"anonymous": Asking(Client()), "deactivated": Asking(gone)}
    program = Asking(Client(), authorization=f"Bearer {token}")
    wrong: list[str] = []
    for route in ROUTES:
        rule = MATRIX[route.name]
        for role, asking in strangers.items():
            answer = asking.ask(route, {**scene.desk, **scene.own})
            if not (rule.anonymous or _is_shut(route, answer)):
                wrong.append(f"{route.name}: {role} is answered {answer.status_code}")
        if rule.anonymous:
            continue
        for role, asking in roles.items():
            # What is there for everybody, and names nothing, is there for whoever may least.
            if rule != PEOPLE or route.names or role == "agent":
                wrong += _of_a_role(route, rule, role, asking, scene)
        if route.path.startswith("api/v1/"):
            wrong += _of_a_role(route, rule, "agent", program, scene)
        elif not _is_shut(route, program.ask(route, {**scene.desk, **scene.own})):
            wrong.append(f"{route.name}: a program reaches it")
    assert not wrong, "\n".join(wrong)


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
        if nobody.status_code != 404:
            yield f"{route.name}: {role} with an unknown id is answered {nobody.status_code}"
    for which, values in whose.items():
        expected = reach == "any" or reach == which
        answer = asking.ask(route, values)
        if (answer.status_code != 404) != expected:
            yield f"{route.name}: {role} with {which} is answered {answer.status_code}"
        elif expected or nobody is None:
            continue
        elif _plain(answer, route, values) != _plain(nobody, route, unknown):
            yield f"{route.name}: {role} can tell {which} from unknown"


def _name(route: Route, name: str) -> str:
    """What stands in the scene for a part of an address."""
    if name != "pk":
        return matrix.NAMES.get(route.name, name)
    if not route.name.startswith("api-"):
        return "authenticator_id"
    resource = route.path.removeprefix("api/v1/^").partition("/")[0]
    return OF_THE_API.get(resource, f"{resource.removesuffix('s')}_id")


def _named(route: Route, values: Values) -> Values:
    missing = [one for one in route.names if _name(route, one) not in values]
    assert not missing, f"{route.name}: the scene has nothing for {missing}, add it there"
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
