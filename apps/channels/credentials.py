"""Channel credentials are encrypted at rest with Fernet keys that can be rotated."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.common.sealing import seal, unseal

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class EncryptedTextField(Text):
    """A text that only this desk can read; stored as a Fernet token, empty as it is."""

    def get_prep_value(self, value: str) -> str:
        """Encrypt on the way into the database."""
        return seal(value) if value else ""

    def from_db_value(
        self, value: str, _expression: object, _connection: BaseDatabaseWrapper
    ) -> str:
        """Decrypt on the way out; raises InvalidToken if the keys were lost."""
        return unseal(value) if value else ""
