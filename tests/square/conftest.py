import os
import shutil
from typing import Any

import pytest

# Playwright keeps an event loop running in the tests' thread, which Django then takes for async
# code; the tests use the database in between, never within it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium where there is one, else Playwright's own."""
    return browser_type_launch_args | {"executable_path": shutil.which("chromium")}
