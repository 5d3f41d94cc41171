"""Whether a process of this container answers: `python socialdesk/probe.py 8000/readyz`.

Run as a file and from the standard library alone: asked every few seconds, it must weigh nothing.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


def probe(address: str) -> str:
    """Ask port/path on this machine; return what is wrong, or nothing if it answers 200."""
    port, _, path = address.partition("/")
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0] or "127.0.0.1"
    connection = HTTPConnection("127.0.0.1", int(port), timeout=4)
    try:
        connection.request("GET", f"/{path}", headers={"Host": host})
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        return f"{address} does not answer: {error}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"{address} answers {answer.status}"


if __name__ == "__main__":
    sys.exit(probe(sys.argv[1]) or 0)
