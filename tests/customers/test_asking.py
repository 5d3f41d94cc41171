"""What a draft asks for."""

import pytest

from apps.customers.asking import asked_for

ASKS = [
    ("What's your order number?", {"order"}),
    ("Please DM us your account number and e-mail.", {"order", "email"}),
    ("Nennen Sie uns bitte die Bestellnummer", {"order"}),
    ("Pouvez-vous nous donner votre numéro de commande ?", {"order"}),
    ("¿Cuál es su número de pedido?", {"order"}),
    ("Pode informe o número do pedido?", {"order"}),
    ("Podaj numer zamówienia", {"order"}),
    ("注文番号を教えてください", {"order"}),
    ("Which model of router do you have?", {"device"}),
    ("What phone do you use?", {"device"}),
    ("Could you tell me your postcode?", {"place"}),
    ("Wie lautet Ihre Postleitzahl?", {"place"}),
    ("A number we can call you on, please", {"phone"}),
    ("¿Nos das tu correo?", {"email"}),
]


@pytest.mark.parametrize(("draft", "expected"), ASKS)
def test_what_a_draft_asks_for_is_seen(draft: str, expected: set[str]) -> None:
    assert asked_for(draft) == expected


@pytest.mark.parametrize(
    "draft",
    ["Your order number is 88-1204.", "I e-mailed you.", "How are you?", "", "order " * 2000],
)
def test_what_asks_for_nothing_is_left_alone(draft: str) -> None:
    assert asked_for(draft) == set()
