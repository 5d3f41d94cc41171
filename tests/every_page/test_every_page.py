"""Every page of the console, found by its addresses: for everybody, whatever customers write."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from tests.every_page.conftest import LookOf
from tests.every_page.hostile import NAMES, TEXTS
from tests.every_page.scene import set_scene

pytestmark = pytest.mark.django_db(transaction=True)

# What axe fetches by itself would be refused by the page's security policy.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
# Of all that axe looks at, colours alone are others by day than by night.
COLOURS = OPTIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}
PLAIN = ["my router drops every evening", "where is my order 88-1204?", "merci, ça marche !", "🙏"]
PEOPLE = ["Kim Lee", "Omar Nasser", "Júlia Prado", "تالا حداد"]


def test_nobody_is_shut_out_of_any_page(look_of: LookOf) -> None:
    scene = set_scene(timezone.now(), texts=PLAIN * 3, names=PEOPLE)
    look, axe = look_of(scene.ada), Axe()
    found = []
    for address in scene.pages():
        for where in look.at(address):
            found.append((where, axe.run(look.page, options=OPTIONS)))
            other = look.in_the_other_colours(where)
            found.append((other, axe.run(look.page, options=COLOURS)))
    shut_out = [
        f"{where}: {one['id']}, {node['html'][:120]}, {node['failureSummary']}"
        for where, said in found
        for one in said.response["violations"]
        for node in one["nodes"]
    ]
    assert not shut_out, "\n".join(shut_out)


def test_no_customer_breaks_a_page_by_what_they_write(look_of: LookOf) -> None:
    assert len(set(TEXTS)) == 500
    scene = set_scene(timezone.now(), texts=TEXTS, names=NAMES)
    look = look_of(scene.ada)
    for address in scene.pages():
        assert len(list(look.at(address))) == 2
