"""What every test gets."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A million rounds of hashing protect people; tests have none to protect."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
