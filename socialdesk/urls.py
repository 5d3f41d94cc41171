"""Which room answers which address."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.api.tokens import token
from socialdesk import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("socialdesk.sign_in_urls")),
    path("hooks/", include("apps.intake.urls")),
    path("api/token", token, name="api-token"),
    path("api/v1/", include("apps.api.v1.routes")),
    path("", include("apps.console.urls")),
]

if settings.SQUARE:
    urlpatterns.append(path("square/", include("apps.square.urls")))
