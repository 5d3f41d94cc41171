"""How soon `j` shows the next conversation in Chromium, and what the first page weighs.

On the desk of 1,000,000 messages, from the web process as `make up` runs it. Time is counted in the
page: from the key to the first frame that shows another conversation.
"""

import json
import statistics
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from apps.agents.models import User
from tests.bench.bench_console import AGENTS, MESSAGES
from tests.bench.keeping import kept_desk
from tests.bench.serving import part, serving
from tests.live.processes import free_port
from tests.weighing import weigh

SWITCHES, WARM_UP = 50, 3
MOST_MS, MOST_KB = 150, 300
WATCH = """() => {
  const shown = () => document.getElementById("conversation")?.dataset.id;
  let began = 0, before = null;
  window.switched = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "j") return;
    [began, before] = [event.timeStamp, shown()];
  }, true);
  new MutationObserver(() => {
    if (!began || !shown() || shown() === before) return;
    const at = began;
    began = 0;
    requestAnimationFrame(() => setTimeout(() => switched.push(performance.now() - at)));
  }).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.mark.django_db(transaction=True)
def bench_switching(page: Page) -> None:
    with kept_desk(MESSAGES, agents=AGENTS, now=datetime.now(UTC)):
        agent = User.objects.filter(role=User.Role.AGENT).order_by("id")[0]
        client = Client()
        client.force_login(agent)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        web = part("web", port)
        with serving("web", web.command, web.environment, port=port):
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            page.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}]
            )
            page.set_viewport_size({"width": 1440, "height": 900})
            weight = weigh(page, f"{url}/inbox/everyone/")
            took = _switching(page)
            page.close()
    told = {
        "bench": "switching",
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
        "most_ms": MOST_MS,
        "first_page_kb": weight.kilobytes,
        "most_kb": MOST_KB,
        "bytes": weight.bytes_by_kind,
    }
    print(json.dumps(told))
    assert statistics.median(took) <= MOST_MS
    assert weight.kilobytes <= MOST_KB


def _switching(page: Page) -> list[float]:
    page.evaluate(WATCH)
    for count in range(1, WARM_UP + SWITCHES + 1):
        page.keyboard.press("j")
        page.wait_for_function("count => switched.length === count", arg=count)
        page.wait_for_timeout(100)
    took: list[float] = page.evaluate("switched")
    return took[WARM_UP:]
