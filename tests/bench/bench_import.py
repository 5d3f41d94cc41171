"""How fast an archive comes in: real tweets, by the command a person would type."""

import csv
import gzip
import io
import json
import time

import pytest
from django.core.management import call_command

from tests.archive.shared import ARCHIVE, needs_tweets


@needs_tweets
@pytest.mark.django_db(transaction=True)
def bench_import() -> None:
    with gzip.open(ARCHIVE, "rt", encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    began = time.perf_counter()
    call_command("import_tweets", str(ARCHIVE), stdout=io.StringIO(), stderr=io.StringIO())
    seconds = time.perf_counter() - began
    told = {"rows": rows, "seconds": round(seconds, 1), "rows_per_second": round(rows / seconds)}
    print(json.dumps({"bench": "import", **told}))
