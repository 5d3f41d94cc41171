"""The demo desk: invented people and ninety days of their talks, so that no page is empty."""

from socialdesk.demo.preparing import prepare, sign_ins

__all__ = ["prepare", "sign_ins"]
