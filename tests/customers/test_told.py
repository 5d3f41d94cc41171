"""Facts in what customers write, in many languages and spellings."""

import time

import pytest

from apps.customers.told import facts
from apps.customers.wishes import asks_not_to_be_written_to

TOLD = [
    ("my order 88-1204 is late", ["order 88-1204"]),
    ("Order number: 12345, thanks", ["order 12345"]),
    ("ticket #AB-99812", ["order AB-99812"]),
    ("it's #88120", ["order 88120"]),
    ("serial SN-44X-9921", ["order SN-44X-9921"]),
    ("Bestellnummer 4711-22", ["order 4711-22"]),
    ("meine Rechnung Nr. 20261", ["order 20261"]),
    ("ma commande n° 998-12", ["order 998-12"]),
    ("mi pedido es 554433", ["order 554433"]),
    ("a encomenda número 7788-1", ["order 7788-1"]),
    ("ordine n. 55512", ["order 55512"]),
    ("bestelling 1234567", ["order 1234567"]),
    ("zamówienie nr 12/2026/55", ["order 12/2026/55"]),
    ("sipariş no: 998877", ["order 998877"]),
    ("номер заказа 55-6677", ["order 55-6677"]),
    ("注文番号は123456です", ["order 123456"]),
    ("订单号:20261125001", ["order 20261125001"]),
    ("주문번호 8812045", ["order 8812045"]),
    ("رقم الطلب ٨٨١٢٠٤", ["order ٨٨١٢٠٤"]),
    ("מספר הזמנה 88120", ["order 88120"]),
    ("write to kim.lee+acme@mail.example.co.uk!", ["email kim.lee+acme@mail.example.co.uk"]),
    ("+44 20 7946 0958 or 0171 2345678", ["phone +44 20 7946 0958", "phone 0171 2345678"]),
    ("call (555) 123-4567", ["phone (555) 123-4567"]),
    ("my phone is 555 1234 99", ["phone 555 1234 99"]),
    ("I'm at LS6 3AB", ["place LS6 3AB"]),
    ("in Leeds, LS6", ["place Leeds, LS6"]),
    ("ich wohne in 10115 Berlin", ["place 10115 Berlin"]),
    ("PLZ 80331", ["place 80331"]),
    ("code postal : 75011", ["place 75011"]),
    ("Austin, TX 78701", ["place TX 78701"]),
    ("K1A 0B1 in Ottawa", ["place K1A 0B1"]),
    ("CEP 01310-100", ["place 01310-100"]),
    ("〒100-0001", ["place 100-0001"]),
    ("We live in New York City", ["place New York City"]),
    ("j’habite à Lyon", ["place Lyon"]),
    ("on my iPhone 13 Pro Max", ["device iPhone 13 Pro Max"]),
    ("die Fritz!Box 7590", ["device Fritz!Box 7590"]),
    ("router XR500 blinks", ["device router XR500"]),
    ("I'm also @kim@social.example", ["handle @kim@social.example"]),
    ("see https://kim.example/about.", ["link https://kim.example/about"]),
]
NOTHING = [
    "my router drops every evening",
    "order since 2024? I ordered 3000 times",
    "that order was 500 USD, 100% too much",
    "case closed at 12:30 on 2026-11-25",
    "10000 Kunden in Deutschland",
    "I'm in love, #1 fan",
    "@acme are you there",
    "ＡＢＣ 😩😩😩",
    "",
]
SLOW = [
    "a",
    "1",
    "@",
    "a@",
    "a.",
    "order ",
    "0 ",
    "order:#",
    "A1 ",
    "order no id ",
    "+1 ",
    "(0",
    "I am ",
]


@pytest.mark.parametrize(("text", "expected"), TOLD)
def test_what_a_customer_told_is_found_where_it_stands(text: str, expected: list[str]) -> None:
    found = facts(text)
    assert [f"{fact.kind} {fact.value}" for fact in found] == expected
    assert all(text[fact.start :].startswith(fact.value) for fact in found)


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_fact_is_none(text: str) -> None:
    assert facts(text) == []


def test_one_fact_has_one_key_however_it_is_spelled() -> None:
    keys = {facts(text)[0].key for text in ("order 88-1204", "Order 881204", "طلب ٨٨١٢٠٤")}
    assert keys == {"881204"}
    phones = {facts(text)[0].key for text in ("+44 20 7946 0958", "0044-20-7946-0958")}
    assert phones == {"442079460958"}


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_makes_reading_slow(piece: str) -> None:
    began = time.process_time()
    facts(piece * (10_000 // len(piece)))
    asks_not_to_be_written_to(piece * (10_000 // len(piece)))
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    "text",
    [
        "please STOP messaging me",
        "Don’t contact me again",
        "leave me alone",
        "lasst mich in Ruhe!",
        "Schreibt mir nicht mehr",
        "ne m'écrivez plus",
        "laissez-moi tranquille",
        "no me escriban más",
        "não me escrevam",
        "non scrivetemi più",
        "proszę do mnie nie pisać",
        "もう連絡しないでください",
    ],
)
def test_who_asks_to_be_left_alone_is_understood(text: str) -> None:
    assert asks_not_to_be_written_to(text)


@pytest.mark.parametrize("text", ["it won't stop dropping", "call me on 555", "write to me please"])
def test_who_does_not_ask_so_is_not_taken_to(text: str) -> None:
    assert not asks_not_to_be_written_to(text)
