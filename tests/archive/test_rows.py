import gzip
import json
from datetime import UTC, datetime

import pytest

from apps.channels.connectors.archive.rows import NotTweetsError, Row
from tests.archive.files import HEADER, a_csv, messages_of, rows_of, tweet, written
from tests.archive.shared import PARTIAL, TWEETS, needs_tweets
from tests.people import NOON

FIRST_LINE = ",".join(HEADER)


def the_remarks(body: bytes) -> list[tuple[int, bool, str]]:
    """Line, whether it was taken in, and what was said of it."""
    return [(row.line, row.message is not None, row.remark) for row in rows_of(body) if row.remark]


def test_a_row_becomes_a_message_of_a_customer_or_of_a_brand() -> None:
    asked, answered = messages_of(
        a_csv(tweet(7, "1234", "help"), tweet(8, "acme", "sure", under=7, minute=3))
    )
    assert (asked.external_id, asked.author_id, asked.ours) == ("7", "1234", False)
    assert asked.posted_at == NOON
    assert (answered.author_handle, answered.ours, answered.parent_id) == ("@acme", True, "7")


def test_plain_and_gzip_read_alike() -> None:
    body = a_csv(tweet(7, "1234"))
    assert rows_of(body) == rows_of(gzip.compress(body))


def test_a_byte_order_mark_windows_line_ends_and_other_columns_are_no_trouble() -> None:
    body = f"\ufeff,index,{FIRST_LINE}\r\n5,9,7,1234,TRUE,{written(NOON)},hi,,6.0\r\n".encode()
    [row] = rows_of(body)
    assert row.message
    assert (row.message.external_id, row.message.parent_id) == ("7", "6")
    assert row.remark == ""


def test_texts_keep_every_character() -> None:
    texts = [
        "a\rb\r\rc",
        'he said "no", twice',
        "two\nlines\r\n",
        "👩🏽‍🚀 \u200b⁧ﷺ⁩",
        " =1+1 ",
        "&gt;",
    ]
    body = a_csv(*(tweet(n, "1", text) for n, text in enumerate(texts, 1)))
    assert [message.text for message in messages_of(body)] == texts
    assert the_remarks(body) == []


def test_a_carriage_return_without_quotes_stays_in_its_text() -> None:
    body = f"{FIRST_LINE}\n7,1234,True,{written(NOON)},one\r\rtwo,,6\n".encode()
    [row] = rows_of(body)
    assert row.message
    assert row.message.text == "one\r\rtwo"
    assert "carriage return" in row.remark


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("tweet_id", "1,005", "tweet_id is '1,005'"),
        ("tweet_id", "9.27E+17", "one whole number is wanted"),
        ("tweet_id", "", "one whole number is wanted"),
        ("tweet_id", "9" * 600, "1 to 500 storable characters"),
        ("author_id", "", "a number or a handle is wanted"),
        ("author_id", "two words", "a number or a handle is wanted"),
        ("inbound", "Tue Oct 31", "the columns are shifted"),
        ("created_at", "31/10/2017 22:10", "Tue Oct 31 22:10:47 +0000 2017 is how it looks"),
        ("created_at", "Tue Feb 31 22:10:47 +0000 2017", "day is out of range"),
        ("created_at", "Mon Jan 01 00:00:00 +1400 0001", "date value out of range"),
        ("in_response_to_tweet_id", "49,954,996", "in_response_to_tweet_id is '49,954,996'"),
    ],
)
def test_a_row_that_cannot_be_meant_is_set_aside_alone(
    column: str, value: str, reason: str
) -> None:
    bad = tweet(8, "1234")
    bad[HEADER.index(column)] = value
    body = a_csv(tweet(7, "1234"), bad, tweet(9, "1234"))
    [(line, taken, remark)] = the_remarks(body)
    assert (line, taken) == (3, False)
    assert reason in remark
    assert [message.external_id for message in messages_of(body)] == ["7", "9"]


def test_a_row_with_too_few_or_too_many_fields_is_set_aside() -> None:
    body = a_csv(tweet(7, "1"), tweet(8, "1")[:5], [*tweet(9, "1"), "more"], tweet(10, "1"))
    assert [(line, taken) for line, taken, _ in the_remarks(body)] == [(3, False), (4, False)]
    assert [message.external_id for message in messages_of(body)] == ["7", "10"]


def test_a_quote_that_is_never_closed_costs_its_own_row_only() -> None:
    rows = [f"{n},1,True,{written(NOON)},{text},," for n, text in enumerate("abcdef", 1)]
    rows[2] = f'3,1,True,{written(NOON)},"oh no,,'
    body = "\n".join([FIRST_LINE, *rows]).encode()
    assert [message.external_id for message in messages_of(body)] == ["1", "2", "4", "5", "6"]
    assert [line for line, _, _ in the_remarks(body)] == [4]
    assert [row.line for row in rows_of(body)] == [2, 3, 4, 5, 6, 7]


def test_a_quote_never_closed_before_very_much_text_costs_its_own_row_only() -> None:
    rows = [f"{n},1,True,{written(NOON)},{'x' * 200},," for n in range(1, 1200)]
    rows[0] = f'1,1,True,{written(NOON)},"oh no,,'
    body = "\n".join([FIRST_LINE, *rows]).encode()
    assert len(messages_of(body)) == 1198
    assert [line for line, _, _ in the_remarks(body)] == [2]


def test_bytes_that_are_not_utf_8_and_nuls_are_shown_as_what_they_are() -> None:
    body = f"{FIRST_LINE}\n7,1,True,{written(NOON)},caf%% \0,,\n".encode().replace(b"%%", b"\xe9")
    [row] = rows_of(body)
    assert row.message
    assert row.message.text == "caf\ufffd \ufffd"
    assert "not UTF-8" in row.remark


def test_text_read_in_the_wrong_code_page_is_kept_and_remarked() -> None:
    [row] = rows_of(a_csv(tweet(7, "1", "merci 😉".encode().decode("cp1252"))))
    assert row.message
    assert row.message.text == "merci ðŸ˜‰"
    assert "Windows-1252" in row.remark


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b"\n\n", "lacks tweet_id"),
        (b"x" * 200_000, "no line of column names"),
        (b'{"results": []}', "JSON, not CSV"),
        (b'[{"tweet_id": 1}]', "JSON, not CSV"),
        (b"id,text\n1,hello\n", "lacks tweet_id, author_id, created_at"),
        ("tweet_id,author_id\n".encode("utf-16"), "lacks tweet_id"),
        (b"\x89PNG\r\n\x1a\n", "lacks tweet_id"),
        (b"\x1f\x8b\x08\x00", "breaks off"),
    ],
)
def test_another_kind_of_file_is_refused_in_a_sentence(body: bytes, reason: str) -> None:
    with pytest.raises(NotTweetsError, match=reason):
        rows_of(body)


def test_a_gzip_that_breaks_off_gives_what_came_before() -> None:
    body = a_csv(*(tweet(n, "1", f"number {n * 7919 % 104729}") for n in range(1, 2000)))
    packed = gzip.compress(body)
    rows = rows_of(packed[: len(packed) // 2])
    assert len(rows) > 500
    assert "breaks off" in rows[-1].remark
    assert rows[:-1] == rows_of(body)[: len(rows) - 1]


@needs_tweets
def test_nasty_rows_of_the_real_archive_are_read_faithfully() -> None:
    files = {
        name: (TWEETS / name).read_bytes() for name in ("care-tweets-dev.csv.gz", PARTIAL.name)
    }
    found = {
        (name, int(message.external_id)): message
        for name, body in files.items()
        for message in messages_of(body)
    }
    nasty = json.loads((TWEETS / "nasty.json").read_text())
    assert len(nasty) == 48
    for row in nasty:
        message = found[row["file"], row["tweet_id"]]
        assert message.text == row["text"], row["why"]
        assert (message.parent_id or "") == row["in_response_to_tweet_id"]


def damaged(name: str) -> list[Row]:
    return rows_of((TWEETS / "fixtures-damaged" / name).read_bytes())


@needs_tweets
def test_real_damaged_files_are_told_row_by_row_and_the_rest_is_read() -> None:
    mojibake = damaged("excel-mojibake-bom.csv")
    assert [row.message is not None for row in mojibake] == [True] * 4
    assert ["Windows-1252" in row.remark for row in mojibake] == [True, True, False, False]
    regrouped = damaged("excel-regrouped-ids-and-blank-rows.csv")
    assert [row.message is not None for row in regrouped] == [True] * 4 + [False] * 50
    assert {row.remark for row in regrouped[4:]} == {"The row is empty."}
    for name, lines in (("lone-cr-unquoted.csv", {3}), ("lone-cr-unquoted-2.csv", {2})):
        rows = damaged(name)
        assert all(row.message for row in rows)
        assert {row.line for row in rows if "carriage return" in row.remark} == lines
    with pytest.raises(NotTweetsError, match="JSON"):
        damaged("panda-json.json")


def test_instants_are_read_with_their_offset() -> None:
    row = tweet(7, "1")
    row[HEADER.index("created_at")] = "Wed Nov 01 01:10:47 +0530 2017"
    [message] = messages_of(a_csv(row))
    assert message.posted_at == datetime(2017, 10, 31, 19, 40, 47, tzinfo=UTC)
