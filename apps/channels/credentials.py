"""Channel credentials are encrypted at rest with Fernet keys that can be rotated."""

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])


if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class EncryptedTextField(Text):
    """A text that only this desk can read; stored as a Fernet token, empty as it is."""

    def get_prep_value(self, value: str) -> str:
        """Encrypt on the way into the database."""
        return _fernet().encrypt(value.encode()).decode() if value else ""

    def from_db_value(
        self, value: str, _expression: object, _connection: BaseDatabaseWrapper
    ) -> str:
        """Decrypt on the way out; raises InvalidToken if the keys were lost."""
        return _fernet().decrypt(value.encode()).decode() if value else ""
