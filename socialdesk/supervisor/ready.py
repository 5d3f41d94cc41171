"""Telling people, once, that the desk is ready and how to get in."""

import ipaddress
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import psutil
from django.conf import settings

from socialdesk.supervisor.output import tell

SignIn = tuple[str, str, str, str]  # name, role, e-mail address, password


def announce_when_ready(sign_ins: list[SignIn]) -> None:
    """Wait beside the supervisor until the pages and the live stream answer, then say so."""

    def wait() -> None:
        while not (_web_is_ready() and _live_listens()):
            time.sleep(0.1)
        tell(_announcement(sign_ins, time.time() - psutil.Process().create_time()))

    threading.Thread(target=wait, name="ready", daemon=True).start()


def _web_is_ready() -> bool:
    return _tries(
        lambda: urllib.request.urlopen(f"http://{_host()}:{settings.PORT}/readyz", timeout=5)
    )


def _live_listens() -> bool:
    return _tries(lambda: socket.create_connection((_host(), settings.LIVE_PORT), timeout=5))


def _tries(reach: Callable[[], object]) -> bool:
    try:
        reach()
    except OSError:
        return False
    return True


def _host() -> str:
    everywhere = ipaddress.ip_address(settings.BIND).is_unspecified
    return "127.0.0.1" if everywhere else settings.BIND


def _announcement(sign_ins: list[SignIn], seconds: float) -> str:
    lines = ["", f"  The desk is ready after {seconds:.0f} s: {settings.DESK_URL}", ""]
    widths = [max((len(row[i]) for row in sign_ins), default=0) for i in range(4)]
    for row in sign_ins:
        columns = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        lines.append("  " + "   ".join(columns).rstrip())
    if sign_ins:
        lines.append("")
    if settings.SQUARE:
        lines.append(f"  Be a customer on the practice network: {settings.DESK_URL}/square/")
    lines += ["  Ctrl-C stops the desk.", ""]
    return "\n".join(lines)
