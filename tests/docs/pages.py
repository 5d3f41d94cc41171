"""The documentation as text: its pages, links, commands and tables."""

import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    [CHECKOUT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")]
    + [*(CHECKOUT / "docs").rglob("*.md")]
)


def name(page: Path) -> str:
    """Return a page's path in the checkout."""
    return str(page.relative_to(CHECKOUT))


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    fence = rf"^```{language}\n(.*?)^```"
    return re.findall(fence, page.read_text(), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> Iterator[str]:
    """Return every command a page tells people to type; a here-document is one."""
    for block in blocks(page, "sh"):
        if "<<" in block:
            yield block.strip()
        else:
            yield from block.strip().splitlines()


def links(page: Path) -> list[str]:
    """Return where its links and images lead, without those to other sites."""
    found = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    return [link for link in found if not re.match(r"https?:", link)]


def first_cells(page: Path) -> list[str]:
    """Return what stands as code at the beginning of each row of its tables."""
    return re.findall(r"^\| `([^`]+)` \|", page.read_text(), re.MULTILINE)
