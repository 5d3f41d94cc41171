"""How people come in: by invitation, password, second factor or the sign-in service."""

import smtplib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from apps.agents.models import Membership, User
from apps.agents.operations.credentials import note_credentials
from apps.agents.operations.inviting import accept, waiting_for
from apps.common.addresses import address_of
from apps.common.errors import DeskError
from apps.common.sealing import seal, unseal

log = structlog.get_logger(__name__)


class DeskAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """A desk is a closed house: people are invited, nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Return False: whoever works here was invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where somebody signs in from, as every other limit sees it."""
        return address_of(request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Note that somebody changed what they sign in by, and have a letter tell them."""
        note_credentials(kind=template_prefix.rpartition("/")[2], user=user, at=timezone.now())
        super().send_notification_mail(template_prefix, user, context, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter about signing in; a mail server that is away shows nothing to whoever asks.

        An error would tell which addresses are known, and would undo what the letter is about.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.warning(
                "sign_in_letter_not_sent", about=template_prefix, error=type(error).__name__
            )


class DeskMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors are kept sealed."""

    def encrypt(self, text: str) -> str:
        """Seal a secret on its way into the database."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a sealed secret as it was."""
        return unseal(encrypted_text)


class DeskSocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The sign-in service says who somebody is; whether they work here, the desk says."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Return False: whoever works here was invited."""
        return False

    def populate_user(
        self, _request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Return whom the service speaks of, as far as a desk asks; nobody is stored of it."""
        user: User = sociallogin.user
        user.email = data.get("email") or ""
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find whose address the service proved: somebody's who works here, or is invited.

        Addresses are decided by admins alone, so that a proved one names one person.
        """
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
        if sociallogin.is_existing:
            return
        proved = [one.email for one in sociallogin.email_addresses if one.verified is True]
        for email in proved:
            user = User.objects.filter(email__iexact=email).first() or self._invited(
                email, sociallogin
            )
            if user is not None and user.is_active:
                sociallogin.connect(request, user)
                return

    def _invited(self, email: str, sociallogin: SocialLogin) -> User | None:
        at = timezone.now()
        data = sociallogin.account.get_provider_account().get_user_data() or {}
        name = str(data.get("name") or email.partition("@")[0])[:80]
        try:
            invitation = waiting_for(email, at=at)
            if invitation is None:
                return None
            return accept(invitation=invitation, name=name, password=None, at=at)
        except DeskError as error:
            log.info("invitation_not_accepted", error=str(error))
            return None


class DeskBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in as allauth does; whoever asks for a page comes with all that most pages ask of
    them.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return an active person with their presence, their teams and whether they are let in."""
        teams = Membership.objects.filter(user=OuterRef("id")).values("team")
        found = User.objects.select_related("presence").annotate(read_team_ids=ArraySubquery(teams))
        if settings.SECOND_FACTOR_ROLES:
            let_in = User.objects.let_in().filter(id=OuterRef("id"))
            found = found.annotate(is_let_in=Exists(let_in))
        person: User | None = found.filter(id=user_id, is_active=True).first()
        return person
