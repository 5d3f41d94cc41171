"""Which of allauth's pages a desk has: nobody signs up, or changes an address by themselves."""

from allauth.account import urls as account
from allauth.socialaccount import urls as service
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

OPEN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
}

urlpatterns: list[URLPattern | URLResolver] = [
    *(one for one in [*account.urlpatterns, *service.urlpatterns] if one.name in OPEN),
    path("2fa/", include("allauth.mfa.urls")),
]

if settings.OIDC_ISSUER:
    urlpatterns.append(path("", include("allauth.socialaccount.providers.openid_connect.urls")))
