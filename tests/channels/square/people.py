"""The brand's account of these tests."""

from dataclasses import dataclass, field

SECRET = "whsec_c29jaWFsLWRlc2stdGVzdHMtb25seS1zZWNyZXQ="
OTHER_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtZm9yLXRoZS1zYW1lLXRlc3Rz"


@dataclass
class AcmesAccount:
    """What the desk knows of @acme on Square."""

    account_id: str = "u1"
    base_url: str = "http://127.0.0.1:9/square"
    webhook_secrets: list[str] = field(default_factory=lambda: [SECRET])
    token: str = "a token"
