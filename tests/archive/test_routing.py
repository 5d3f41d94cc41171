"""Which channel, thread and conversation each tweet of an archive belongs to."""

import random

import pytest

from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Message, Thread
from apps.conversations.operations.receiving import Arrival, receive
from apps.intake.archive.importing import Imported, channels_of, import_messages
from apps.intake.archive.routing import Routed, route
from apps.reports.archive import Figures, archive_figures
from tests.archive.files import a_csv, messages_of, tweet
from tests.archive.shared import ARCHIVE, PARTIAL, needs_tweets
from tests.people import NOON

# Two brands in one thread: 1 asks, acme (2) and globex (3) answer, another customer (4) joins under
# globex, acme answers them (5) under globex' 3, and globex (6) under the missing 90.
TWO_BRANDS = [
    tweet(1, "100", "@acme it drops"),
    tweet(2, "acme", under=1, minute=2),
    tweet(3, "globex", under=2, minute=3),
    tweet(4, "200", under=3, minute=4),
    tweet(5, "acme", under=3, minute=5),
    tweet(6, "globex", under=4, minute=7),
]


def routed(*rows: list[str]) -> Routed:
    return route(messages_of(a_csv(*rows)))


def ids(routes: Routed) -> dict[str, list[int]]:
    return {
        brand: [int(message.external_id) for message in messages]
        for brand, messages in routes.by_brand.items()
    }


def test_a_thread_goes_to_every_brand_that_wrote_in_it_without_the_others_posts() -> None:
    assert ids(routed(*TWO_BRANDS)) == {"acme": [1, 2, 4, 5], "globex": [1, 3, 4, 6]}


def test_a_thread_is_known_by_its_first_id_also_where_that_is_anothers_or_missing() -> None:
    routes = routed(*TWO_BRANDS, tweet(21, "100", under=20), tweet(22, "acme", under=20))
    assert {message.tree_id for message in routes.by_brand["globex"]} == {"1"}
    assert {message.tree_id for message in routes.by_brand["acme"]} == {"1", "20"}


def test_numeric_ids_are_ordered_as_numbers() -> None:
    routes = routed(tweet(10, "acme", under=9), tweet(11, "100", under=10))
    assert {message.tree_id for message in routes.by_brand["acme"]} == {"9"}


def test_a_thread_without_a_brand_goes_where_its_earliest_tweet_names_known_handles() -> None:
    known = [tweet(1, "acme"), tweet(2, "globex")]
    routes = routed(
        *known,
        tweet(32, "100", "@globex later", under=31, minute=2),
        tweet(31, "100", ".@ACME and @Acme, help", minute=1),
        tweet(41, "100", "@acmeshop @acme_ no brand of this file"),
        tweet(51, "100", "mail@acme @globex!"),
    )
    assert ids(routes) == {"acme": [1, 31, 32, 51], "globex": [2, 51]}
    assert routes.left_out == 1


def test_of_tweets_of_one_second_the_smaller_number_is_the_earliest() -> None:
    routes = routed(tweet(1, "acme"), tweet(100, "7", "@acme", under=99), tweet(99, "7", "hello"))
    assert ids(routes) == {"acme": [1]}
    assert routes.left_out == 1


def test_of_copies_that_differ_the_one_with_a_parent_counts_then_the_smaller() -> None:
    copies = [
        tweet(2, "100", "a", minute=1),
        tweet(2, "100", "c", under=1, minute=5),
        tweet(2, "100", "b", under=1, minute=5),
        tweet(1, "acme"),
    ]
    for rows in (copies, copies[::-1]):
        [_, message] = routed(*rows).by_brand["acme"]
        assert (message.parent_id, message.text) == ("1", "b")


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = list(TWO_BRANDS)
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        assert routed(*rows) == routed(*TWO_BRANDS)


@pytest.mark.django_db
def test_every_customer_of_a_thread_of_two_brands_has_a_conversation_with_each() -> None:
    routes = routed(*TWO_BRANDS)
    assert import_messages(routes.by_brand, at=NOON) == Imported(stored=8, known=0)

    places = set(Conversation.objects.values_list("channel__handle", "identity__external_id"))
    assert places == {("@acme", "100"), ("@acme", "200"), ("@globex", "100"), ("@globex", "200")}
    assert set(Thread.objects.values_list("channel__handle", "thread_key")) == {
        ("@acme", "1"),
        ("@globex", "1"),
    }


@pytest.mark.django_db
def test_the_walk_to_the_nearest_customer_ends_at_another_brands_post() -> None:
    import_messages(routed(*TWO_BRANDS).by_brand, at=NOON)
    context = Message.objects.filter(conversation__isnull=True)
    assert set(context.values_list("channel__handle", "external_id")) == {
        ("@acme", "5"),  # under globex' 3
        ("@globex", "3"),  # under acme's 2
    }
    figures = the_figures(routed(*TWO_BRANDS))
    assert figures["channels"]["acme"]["first_response"]["n"] == 1
    assert figures["channels"]["acme"]["running_first"] == 1
    assert figures["channels"]["globex"]["first_response"]["p50"] == 180


def the_figures(routes: Routed) -> Figures:
    channels = channels_of(list(routes.by_brand), at=NOON)
    return archive_figures(list(channels.values()), left_out=routes.left_out)


@pytest.mark.django_db
def test_the_figures_count_what_the_channels_hold() -> None:
    routes = routed(
        *TWO_BRANDS,
        tweet(7, "100", "still", under=2, minute=20),
        tweet(8, "acme", "see you", under=7, minute=30),
        tweet(9, "100", "nobody's"),
    )
    import_messages(routes.by_brand, at=NOON)
    none = {"n": 0, "p50": None, "p90": None, "p99": None}
    assert the_figures(routes) == {
        "threads": 1,
        "threads_left_out": 1,
        "channels": {
            "acme": {
                "threads": 1,
                "conversations": 2,
                "customers": 2,
                "inbound": 3,
                "outbound": 3,
                "context": 1,
                "first_response": {"n": 1, "p50": 120, "p90": 120, "p99": 120},
                "next_response": {"n": 1, "p50": 600, "p90": 600, "p99": 600},
                "running_first": 1,
                "running_next": 0,
            },
            "globex": {
                "threads": 1,
                "conversations": 2,
                "customers": 2,
                "inbound": 3,
                "outbound": 2,
                "context": 1,
                "first_response": {"n": 1, "p50": 180, "p90": 180, "p99": 180},
                "next_response": none,
                "running_first": 1,
                "running_next": 0,
            },
        },
        "all": {
            "threads": 2,
            "inbound": 6,
            "outbound": 5,
            "context": 2,
            "running_first": 2,
            "running_next": 0,
            "conversations": 4,
            "first_response": {"n": 2, "p50": 150, "p90": 174, "p99": 179.4},
            "next_response": {"n": 1, "p50": 600, "p90": 600, "p99": 600},
        },
    }


@pytest.mark.django_db
def test_messages_may_arrive_in_any_order_and_batches() -> None:
    routes = routed(*TWO_BRANDS, tweet(7, "100", under=90, minute=9), tweet(90, "200", under=6))
    wanted: Figures | None = None
    for seed in range(12):
        shuffled = random.Random(seed)
        arrivals = [
            Arrival(channel, message)
            for brand, channel in channels_of(list(routes.by_brand), at=NOON).items()
            for message in routes.by_brand[brand]
        ]
        shuffled.shuffle(arrivals)
        while arrivals:
            size = shuffled.randint(1, 4)
            receive(arrivals[:size], at=NOON)
            del arrivals[:size]
        wanted = wanted or the_figures(routes)
        assert the_figures(routes) == wanted
        assert set(Thread.objects.values_list("thread_key", flat=True)) == {"1"}
        _forget_all()


def _forget_all() -> None:
    Clock.objects.all().delete()
    Message.objects.all().delete()
    Conversation.objects.filter(merged_into__isnull=False).delete()
    Conversation.objects.all().delete()
    Thread.objects.all().delete()
    Channel.objects.all().delete()


@needs_tweets
def test_the_partial_archive_is_routed_as_its_truth_says() -> None:
    messages = messages_of(PARTIAL.read_bytes())
    assert len(messages) == 25_803
    routes = route(messages)
    [told] = routes.by_brand.values()
    threads = {message.tree_id for message in told}
    asked = {message.tree_id for message in told if not message.ours}
    assert len(threads) + routes.left_out == 16_685
    assert sum(message.ours for message in told) == 10_859
    assert len(threads - asked) == 4_619
    assert len({m.author_id for m in messages if not m.ours}) == 8_640


@needs_tweets
def test_the_order_of_the_real_rows_changes_nothing() -> None:
    messages = messages_of(ARCHIVE.read_bytes())
    expected = route(messages)
    random.Random(1).shuffle(messages)
    assert route(messages + messages[:1000]) == expected
