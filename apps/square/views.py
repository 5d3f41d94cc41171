"""Square's pages: small, public, and usable without JavaScript."""

import secrets
from dataclasses import replace
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.common.images import image_response
from apps.square import operations, queries, rules
from apps.square.models import Person, Post
from apps.square.writing import Writing, known_people, remember


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the newest threads and a composer; `?mention=acme` begins a post to @acme."""
    brand = queries.find_person(request.GET.get("mention", ""))
    started = Writing(text=f"@{brand.handle} " if brand else "")
    return _home(request, started)


@never_cache
@require_GET
def thread(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show a thread with a composer; `?to=1042` answers that post rather than the last.

    With `?edit=1042` that post stands in a form, if this browser's customer wrote it.
    """
    asked_for = queries.find_post(str(post_id))
    if asked_for is None:
        return _missing(request, "There is no such post on Square.")
    if asked_for.root_id is not None:
        return redirect(asked_for)
    editing = queries.find_post(request.GET.get("edit", ""))
    return _thread(request, asked_for, Writing(parent=request.GET.get("to", "")), editing=editing)


@require_GET
def media(_request: HttpRequest, media_id: int) -> HttpResponse:
    """Show a picture of a post."""
    found = queries.find_media(str(media_id))
    if found is None:
        raise Http404
    return image_response(bytes(found.body), found.content_type)


@never_cache
@require_GET
def person(request: HttpRequest, handle: str) -> HttpResponse:
    """Show who somebody is and what they wrote."""
    found = queries.find_person(handle)
    if found is None:
        return _missing(request, f"Nobody called @{handle} has written here yet.")
    page = queries.posts_by(found, before=_before(request))
    context = {"person": found, "page": page, **_mine(request), **_aside()}
    return render(request, "square/person.html", context)


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Post as a customer and show the post in its thread; say what is wrong otherwise."""
    written = Writing.read(request.POST)
    try:
        post = written.publish(at=timezone.now())
    except rules.RuleError as error:
        return _again(request, written, str(error))
    response = redirect(post)
    remember(request, response, post.author)
    return response


@require_POST
def edit(request: HttpRequest, post_id: int) -> HttpResponse:
    """Change a post this browser's customer wrote, and show it in its thread."""
    post, author = _own(request, post_id)
    if post is None or author is None:
        return _not_yours(request)
    text = request.POST.get("text", "")
    try:
        operations.edit(post=post, by=author, text=text, at=timezone.now())
    except rules.RuleError as error:
        root, said = post.root or post, str(error)
        return _thread(request, root, Writing(), editing=post, edited=text, error=said, status=422)
    return redirect(post)


@require_POST
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    """Delete a post this browser's customer wrote, and show what is left in its thread."""
    post, author = _own(request, post_id)
    if post is None or author is None:
        return _not_yours(request)
    if post.deleted_at is None:
        operations.delete(post=post, by=author, at=timezone.now())
    return redirect(post)


@never_cache
@require_GET
def newer_posts(request: HttpRequest, post_id: int) -> HttpResponse:
    """Answer with the posts of a thread after `?after=`, or 204 if there are none."""
    after = queries.find_post(request.GET.get("after", ""))
    posts = queries.later_in_thread(post_id, after=after.pk) if after else []
    if not posts:
        return HttpResponse(status=204)
    return render(request, "square/posts.html", {"posts": posts, **_mine(request)})


@never_cache
@require_GET
def newer_threads(request: HttpRequest) -> HttpResponse:
    """Answer with how many threads began after `?after=`."""
    newest = queries.find_post(request.GET.get("after", ""))
    return JsonResponse({"count": queries.threads_since(newest) if newest else 0})


def _home(
    request: HttpRequest, written: Writing, *, error: str = "", status: int = 200
) -> HttpResponse:
    page = queries.newest_threads(before=_before(request))
    replies = queries.replies_to(page.posts)
    context = {
        "page": page,
        "threads": [(post, replies.get(post.pk, queries.Replies())) for post in page.posts],
        **_composer(request, written, among=[]),
        **_aside(),
        "error": error,
    }
    return render(request, "square/home.html", context, status=status)


def _thread(
    request: HttpRequest,
    root: Post,
    written: Writing,
    *,
    editing: Post | None = None,
    edited: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    posts = queries.thread(root.pk)
    answered = next((post for post in posts if post.external_id == written.parent), posts[-1])
    context = {
        "root": root,
        "posts": posts,
        "is_cut": posts[0].pk != root.pk,
        "answered": answered,
        **_composer(request, replace(written, parent=answered.external_id), among=posts),
        **_mine(request),
        **_aside(),
        "editing": _editable(request, editing),
        "edited": edited,
        "error": error,
    }
    return render(request, "square/thread.html", context, status=status)


def _again(request: HttpRequest, written: Writing, error: str) -> HttpResponse:
    """Show the composer as it was left, with what is wrong."""
    parent = queries.find_post(written.parent)
    if parent is None:
        return _home(request, written, error=error, status=422)
    return _thread(request, parent.root or parent, written, error=error, status=422)


def _composer(request: HttpRequest, written: Writing, *, among: list[Post]) -> dict[str, object]:
    """What the composer shows: in a thread, this browser's last customer there writes on."""
    people = known_people(request)
    wrote_here = [post.author for post in reversed(among) if post.author in people]
    usual = [*wrote_here, *people]
    writer = written.writer or (usual[0].handle if usual and not written.handle else "")
    return {
        "people": people,
        "writing": replace(written, writer=writer, nonce=secrets.token_urlsafe(16)),
        "text_limit": rules.TEXT_LIMIT,
        "longest_text": rules.LONGEST_TEXT,
        "longest_handle": rules.LONGEST_HANDLE,
        "longest_name": rules.LONGEST_NAME,
    }


def _mine(request: HttpRequest) -> dict[str, object]:
    """Whose posts this browser may change."""
    return {"mine": {person.pk for person in known_people(request)}}


def _editable(request: HttpRequest, post: Post | None) -> int | None:
    if post is None or post.deleted_at is not None:
        return None
    return post.pk if _own(request, post.pk)[1] else None


def _own(request: HttpRequest, post_id: int) -> tuple[Post | None, Person | None]:
    post = queries.find_post(str(post_id))
    known = {person.pk: person for person in known_people(request)}
    return post, None if post is None else known.get(post.author_id)


def _not_yours(request: HttpRequest) -> HttpResponse:
    sentence = "Only the browser that wrote a post can change it."
    return render(
        request,
        "square/missing.html",
        {"sentence": sentence, **_aside()},
        status=HTTPStatus.NOT_FOUND,
    )


def _aside() -> dict[str, object]:
    return {"brands": queries.brands()}


def _before(request: HttpRequest) -> Post | None:
    return queries.find_post(request.GET.get("before", ""))


def _missing(request: HttpRequest, sentence: str) -> HttpResponse:
    return render(request, "square/missing.html", {"sentence": sentence, **_aside()}, status=404)
