"""Where the shared real tweets are; tests that need them say so loudly where they are absent."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SHARED_DATA = Path(os.environ.get("SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
TWEETS = SHARED_DATA / "care-tweets-dev"
ARCHIVE = TWEETS / "care-tweets-dev.csv.gz"
PARTIAL = TWEETS / "care-tweets-dev-spotify-partial.csv.gz"

needs_tweets = pytest.mark.skipif(
    not ARCHIVE.exists(),
    reason=f"NOT PROVEN on real tweets: there is no {TWEETS}; name its folder by SHARED_DATA",
)
