"""Pictures that somebody gave us: told by their bytes, never by what they are called."""

from django.http import HttpResponse

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def image_type(body: bytes) -> str:
    """Return the media type of a picture a browser shows; empty for anything else, SVG included."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begins, kind in _BEGINNINGS if body.startswith(begins)), "")


def image_response(body: bytes, kind: str) -> HttpResponse:
    """Answer with a picture that can do nothing else, whatever its bytes hold."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = f'inline; filename="picture.{kind.removeprefix("image/")}"'
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
