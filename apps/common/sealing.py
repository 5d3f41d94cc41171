"""What is stored so that only this desk can read it: Fernet tokens, by keys that can be rotated."""

from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Return the text as a token of the newest key."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Return the text of a token; raises InvalidToken if its key was lost."""
    return _fernet().decrypt(token.encode()).decode()


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
