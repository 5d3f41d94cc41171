"""The API's description, for programs and for people, and what stands where nothing is."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import MethodNotAllowed, NotFound
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.agents.programs import SCOPES
from apps.api.limits import OnlyJson
from apps.api.problems import handle


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 description of this version, as JSON; anybody may read it."""

    renderer_classes = [JSONRenderer]
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    content_negotiation_class = OnlyJson

    def get_exception_handler(self) -> Any:
        """As every resource's."""
        return handle


class Nothing(APIView):
    """An address of no resource."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OnlyJson
    schema = None

    def get_exception_handler(self) -> Any:
        """As every resource's."""
        return handle

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer every method alike."""
        raise NotFound

    def get(self, _request: Request) -> Response:
        """Never reached."""
        raise NotFound


class Unwritable(Nothing):
    """A page, which takes no other method than for reading."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer that this is no method for it."""
        raise MethodNotAllowed(request.method or "")


nothing = Nothing.as_view()
unwritable = Unwritable.as_view()


@csrf_exempt
def reference(request: HttpRequest) -> HttpResponseBase:
    """Show what the API can do, from its own description; to be read, not written to."""
    if request.method not in SAFE_METHODS:
        return unwritable(request)
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    resources: dict[str, list[dict[str, Any]]] = {}
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            told = {"address": address, "method": method.upper(), **_told(operation)}
            resources.setdefault(operation["tags"][0], []).append(told)
    context = {
        "resources": sorted(resources.items()),
        "components": sorted(_fields(schema["components"]["schemas"]).items()),
        "scopes": SCOPES,
    }
    return render(request, "api/reference.html", context)


def _told(operation: dict[str, Any]) -> dict[str, Any]:
    takes = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = [
        {"status": status, "phrase": _phrase(status), "gives": _name(_content(answer))}
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return {
        "about": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "takes": _name(takes.get("schema", {})),
        "answers": answers,
    }


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    for media in answer.get("content", {}).values():
        schema: dict[str, Any] = media.get("schema", {})
        return schema
    return {}


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _fields(schemas: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    return {
        name: [
            (field, _type(about), about.get("description", ""))
            for field, about in schema["properties"].items()
        ]
        for name, schema in schemas.items()
        if "properties" in schema
    }


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        return _name(about)
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    if "enum" in about:
        return " | ".join(map(str, about["enum"]))
    if "allOf" in about or "oneOf" in about:
        return " | ".join(_type(one) for one in about.get("allOf", about.get("oneOf", [])))
    kind = about.get("type", "anything")
    return " or ".join(kind) if isinstance(kind, list) else str(about.get("format", kind))
