"""Pictures of a reply: added to a draft, described, taken off, shown."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.common.errors import DeskError
from apps.common.images import image_response
from apps.console.views.access import SignedIn, is_htmx, readable_conversation, signed_in
from apps.conversations.models import Attachment, Conversation
from apps.conversations.operations import attaching


@signed_in
@require_POST
def add(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Add the pictures sent to this person's draft."""
    conversation = readable_conversation(request, conversation_id)
    refused = ""
    for file in request.FILES.getlist("picture"):
        try:
            _attach(request, conversation, file)
        except DeskError as error:
            refused = f"{file.name}: {error}"
    return _shown(request, conversation, refused)


@signed_in
@require_POST
def describe(request: SignedIn, attachment_id: int) -> HttpResponse:
    """Keep what a picture shows."""
    attachment = _own(request, attachment_id)
    alt = request.POST.get(f"alt-{attachment.pk}", "")
    attaching.describe(attachment=attachment, alt=alt)
    return HttpResponse(status=204)


@signed_in
@require_POST
def remove(request: SignedIn, attachment_id: int) -> HttpResponse:
    """Take a picture off the draft."""
    attachment = _own(request, attachment_id)
    attaching.detach(attachment=attachment)
    return _shown(request, attachment.conversation)


@signed_in
@require_safe
def show(request: SignedIn, attachment_id: int) -> HttpResponse:
    """Show a picture: of a draft to its author, of a reply to whoever may read that."""
    found = (
        Attachment.objects.filter(
            Q(message__isnull=False) | Q(user=request.user),
            id=attachment_id,
            conversation__in=Conversation.objects.visible_to(request.user),
        )
    ).first()
    if found is None:
        raise Http404
    return image_response(bytes(found.body), found.content_type)


def _attach(request: SignedIn, conversation: Conversation, file: "UploadedFile[bytes]") -> None:
    rule = conversation.channel.connector.images
    if rule is not None and (file.size or 0) > rule.most_bytes:
        raise DeskError(attaching.too_large(rule))
    attaching.attach(
        conversation=conversation, body=file.read(), by=request.user, at=timezone.now()
    )


def _own(request: SignedIn, attachment_id: int) -> Attachment:
    found = Attachment.objects.filter(
        id=attachment_id,
        user=request.user,
        message__isnull=True,
        conversation__in=Conversation.objects.visible_to(request.user),
    )
    attachment = found.select_related("conversation__channel").defer("body").first()
    if attachment is None:
        raise Http404
    return attachment


def _shown(request: SignedIn, conversation: Conversation, refused: str = "") -> HttpResponse:
    if not is_htmx(request):
        if refused:
            messages.error(request, refused)
        return redirect("conversation", conversation_id=conversation.pk)
    pictures = attaching.pictures_of_draft(conversation, request.user)
    context = {"conversation": conversation, "pictures": pictures, "refused": refused}
    status = 422 if refused else 200
    return render(request, "console/conversation/_pictures.html", context, status=status)
