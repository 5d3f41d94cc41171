"""Every page and every door has a name of its own."""

from collections import Counter
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, f"{space}{pattern.namespace or ''}:")
        elif pattern.name:
            yield f"{space.strip(':')}:{pattern.name}"


def test_no_two_addresses_bear_the_same_name() -> None:
    counted = Counter(names(get_resolver().url_patterns))
    assert [name for name, count in counted.items() if count > 1] == []
    assert counted[":webhook"] == 1
