"""The addresses of version 1."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path
from rest_framework.routers import SimpleRouter

from apps.api.base import Resource
from apps.api.v1.channels import Channels, SetAsides
from apps.api.v1.clocks import Clocks
from apps.api.v1.conversations import Conversations
from apps.api.v1.customers import Customers, Identities, Matches
from apps.api.v1.events import Events
from apps.api.v1.hours import Hours
from apps.api.v1.labels import Flags, Tags
from apps.api.v1.lists import Notifications, Search, Views
from apps.api.v1.messages import Messages
from apps.api.v1.people import Teams, Users
from apps.api.v1.policies import Policies
from apps.api.v1.promises import Promises
from apps.api.v1.reports import Reports
from apps.api.v1.shifts import Shifts
from apps.api.v1.snippets import Snippets
from apps.api.v1.webhooks import Webhooks
from apps.api.v1.writing import Pictures
from apps.api.views import Schema, nothing, reference

RESOURCES: dict[str, type[Resource[Any]]] = {
    "channels": Channels,
    "clocks": Clocks,
    "conversations": Conversations,
    "customers": Customers,
    "events": Events,
    "flags": Flags,
    "hours": Hours,
    "identities": Identities,
    "matches": Matches,
    "messages": Messages,
    "notifications": Notifications,
    "pictures": Pictures,
    "policies": Policies,
    "promises": Promises,
    "reports": Reports,
    "search": Search,
    "set-aside": SetAsides,
    "shifts": Shifts,
    "snippets": Snippets,
    "tags": Tags,
    "teams": Teams,
    "users": Users,
    "views": Views,
    "webhooks": Webhooks,
}
router = SimpleRouter()
for name, resource in RESOURCES.items():
    router.register(name, resource, basename=f"api-{name}")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", reference, name="api-reference"),
    path("schema/", Schema.as_view(), name="api-schema"),
    *router.urls,
    re_path("", nothing),
]
