"""The smallest page that listens, served as the desk's own pages are: strict CSP, own port."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.contrib.staticfiles import finders

PAGE = """<!doctype html><title>A page that listens</title>
<meta name="htmx-config" content="includeIndicatorCSS:false">
<script src="/remember.js"></script><script src="/htmx.js"></script>
<script type="module" src="/live.js"></script>
<body data-live-url="{live_url}">
<p hx-get="/part" hx-trigger="desk:conversation:5 from:body, desk:presence from:body">first</p>
</body>"""

# Remembers what was dispatched, for the tests to read.
REMEMBER = """
window.heard = [];
for (const name of ['changed', 'refresh', 'presence', 'conversation:2', 'conversation:5'])
  addEventListener('desk:' + name, ({ detail }) => window.heard.push({ name, detail }));
function freeze() {
  const request = new XMLHttpRequest();
  request.open('GET', '/slow', false);
  request.send();
}
"""

FREEZE_SECONDS = 7


@contextmanager
def served(port: int, *, live_url: str) -> Iterator[str]:
    """Serve the page at a port and return its address."""
    origin = live_url.removesuffix("/live")
    policy = f"default-src 'none'; script-src 'self'; connect-src 'self' {origin}"
    files = {
        "/": ("text/html", PAGE.format(live_url=live_url)),
        "/remember.js": ("text/javascript", REMEMBER),
        "/live.js": ("text/javascript", _static("console/js/live.js")),
        "/htmx.js": ("text/javascript", _static("console/vendor/htmx.min.js")),
        "/part": ("text/html", "fetched again"),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/slow":
                time.sleep(FREEZE_SECONDS)
            kind, text = files.get(self.path, ("text/plain", ""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}/"
    server.shutdown()
    server.server_close()


def _static(path: str) -> str:
    found = finders.find(path)
    assert isinstance(found, str)
    return Path(found).read_text()
