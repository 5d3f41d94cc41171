"""Tags and flags: everybody reads them, managers and admins name them."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.common.errors import DeskError
from apps.console.settings_forms import LabelForm
from apps.console.views.access import SignedIn, signed_in
from apps.labels import operations
from apps.labels.models import Flag, Label, Tag

Kind = type[Label]
CARDS = ((Tag, "Tags", "conversations"), (Flag, "Flags", "customers"))


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """List tags and flags with how many bear each."""
    return _page(request)


@signed_in
@require_POST
def new(request: SignedIn, kind: Kind) -> HttpResponse:
    """Name a new one."""
    return _save(request, kind, None)


@signed_in
@require_POST
def change(request: SignedIn, kind: Kind, label_id: int) -> HttpResponse:
    """Rename or recolour one."""
    return _save(request, kind, get_object_or_404(kind, pk=label_id))


@signed_in
@require_POST
def retire(request: SignedIn, kind: Kind, label_id: int) -> HttpResponse:
    """Offer it no more."""
    return _decide(request, operations.retire_label, get_object_or_404(kind, pk=label_id))


@signed_in
@require_POST
def restore(request: SignedIn, kind: Kind, label_id: int) -> HttpResponse:
    """Offer a retired one again."""
    return _decide(request, operations.restore_label, get_object_or_404(kind, pk=label_id))


def _page(
    request: SignedIn,
    *,
    form: LabelForm | None = None,
    kind: Kind | None = None,
    label: Label | None = None,
) -> HttpResponse:
    """Show all of them; `form` was refused for that kind, or that label."""
    cards = []
    for one, title, borne_by in CARDS:
        is_refused = form is not None and label is None and one is kind
        new_form = form if is_refused else LabelForm(auto_id=f"new-{one.NOUN}-%s")
        cards.append((one.NOUN, title, new_form, _listed(one, borne_by, form, label)))
    status = 422 if form else 200
    return render(request, "console/labels/page.html", {"cards": cards}, status=status)


def _listed(
    kind: Kind, borne_by: str, form: LabelForm | None, refused: Label | None
) -> list[tuple[Label, LabelForm]]:
    labels = kind._default_manager.annotate(borne_by=Count(borne_by)).order_by("is_retired", "key")
    return [(label, form if form and label == refused else LabelForm.of(label)) for label in labels]


def _save(request: SignedIn, kind: Kind, label: Label | None) -> HttpResponse:
    _must_lead(request)
    names = f"{kind.NOUN}-{label.pk}" if label else f"new-{kind.NOUN}"
    form = LabelForm(request.POST, auto_id=f"{names}-%s")
    if form.is_valid():
        try:
            saved = operations.save_label(
                kind=kind, label=label, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except DeskError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"{saved.name} is saved.")
            return redirect("labels")
    return _page(request, form=form, kind=kind, label=label)


def _decide(request: SignedIn, decision: Callable[..., None], label: Label) -> HttpResponse:
    _must_lead(request)
    try:
        decision(label=label, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    return redirect("labels")


def _must_lead(request: SignedIn) -> None:
    if not request.user.leads:
        raise Http404
