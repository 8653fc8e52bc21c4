"""How a text becomes lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import mass_orders
from orders.errors import FieldErrors
from orders.mass_orders import Line, decode, read

L = "https://x.example/a"


def lines(text: str) -> list[Line]:
    return read(text).lines


def told(text: str) -> list[tuple[int, int | None, dict[str, str]]]:
    return [(line.number, line.service, line.fields) for line in lines(text)]


def refusal(text: str) -> str:
    with pytest.raises(FieldErrors) as raised:
        read(text)
    return raised.value.errors["text"]


def test_blanks_tabs_and_blank_lines_do_not_matter() -> None:
    text = f"\n  12|{L}|1000\r\n\r\n\t 13 | {L}b |  2,000 \r14\t{L}c\t50\n"
    assert told(text) == [
        (2, 12, {"link": L, "quantity": "1000"}),
        (4, 13, {"link": f"{L}b", "quantity": "2,000"}),
        (5, 14, {"link": f"{L}c", "quantity": "50"}),
    ]


def test_a_link_may_hold_the_mark_and_the_last_one_parts_the_quantity() -> None:
    assert told(f"12 | {L}?q=a|b | 1000") == [(1, 12, {"link": f"{L}?q=a|b", "quantity": "1000"})]


def test_a_package_needs_no_quantity() -> None:
    assert told(f"12 | {L}") == told(f"12 | {L} |") == [(1, 12, {"link": L})]


@pytest.mark.parametrize("head", ["service | link | quantity", "Service ID|Link|Qty", "id\tl\tq"])
def test_a_header_is_no_order(head: str) -> None:
    source = read(f"{head}\n12 | {L} | 10")
    assert [line.number for line in source.lines] == [2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hello", "service | link | quantity"),
        (f"followers | {L} | 10", "not “followers”"),
        (f"| {L} | 10", "Begin with the service's number."),
        ("12,https://x.example,10", "service | link | quantity"),
    ],
)
def test_what_cannot_be_told_apart_says_how_to_write_it(line: str, words: str) -> None:
    assert words in lines(line)[0].error


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_is_told_by_its_header_and_read_by_column(mark: str) -> None:
    rows = ["Quantity,Service_ID,Comments,LINK", f'5,12,"nice\nso nice",{L}', ",,,", f"7,13,,{L}"]
    assert told("\ufeff" + "\r\n".join(rows).replace(",", mark)) == [
        (2, 12, {"quantity": "5", "comments": "nice\nso nice", "link": L}),
        (5, 13, {"quantity": "7", "link": L}),
    ]


def test_what_was_typed_stays_with_its_line_and_can_be_read_again() -> None:
    text = f'service;comments;link\n12;"a;\n""b""";{L}\n\nx;c;{L}\n13;d;{L}'
    source = read(text)
    again = read("\n".join([source.head, *(line.raw for line in source.lines)]))
    assert [(line.service, line.fields, line.error) for line in again.lines] == [
        (line.service, line.fields, line.error) for line in source.lines
    ]
    assert source.lines[0].fields["comments"] == 'a;\n"b"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no order yet"),
        ("service | link | quantity", "no order yet"),
        ("service,link,price\n1,a,2", "“price” is not known"),
        ("service,link,url\n1,a,2", "Two columns are called “link”"),
        ("link,quantity\na,2", "lacks the column “service”"),
        ('service,link\n1,a\n2,"b\n', "line 3 cannot be read"),
        ("1 | a\0b | 2", "no text"),
        ("1 | \ud800 | 2", "no text"),
        ("1|a|2\n" * 1001, "At most 1,000 orders at once; these are 1,001."),
        ("x" * 1_000_001, "more than 1 MB"),
    ],
)
def test_a_text_of_no_use_is_refused_in_words(text: str, words: str) -> None:
    assert words in refusal(text)


def test_a_row_of_another_width_is_wrong_by_itself() -> None:
    first, second = lines(f"service,link,quantity\n1,{L}\n2,{L},5")
    assert "2 cells where the first line names 3" in first.error
    assert second.fields == {"link": L, "quantity": "5"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1|a|2\n3|é|4".encode("latin-1"), "Line 2 is not UTF-8"),
        ("1|a|2".encode("utf-16"), "Line 1 is not UTF-8"),
        (b"\xef\xbb\xbf  ", "empty"),
        (b"a\0b", "no text"),
        (b"x" * (mass_orders.MOST_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_text_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(FieldErrors) as raised:
        decode(content)
    assert words in raised.value.errors["file"]


def test_a_file_may_begin_with_the_mark() -> None:
    assert decode("\ufeff1|é|2".encode()) == "1|é|2"


TYPED = st.text(st.sampled_from('12|;,\t\n\r" aé/#service link\ufeff\u2028\x0b'), max_size=80)


@given(st.one_of(TYPED, st.text(max_size=80)))
def test_any_text_is_read_or_refused_and_no_line_is_lost(text: str) -> None:
    try:
        source = read(text)
    except FieldErrors:
        return
    for line in source.lines:
        assert line.raw in text.replace("\r\n", "\n").replace("\r", "\n")
        assert line.error or line.service is not None
    rows = {row for row in text.replace("\r", "\n").split("\n") if row.strip("\ufeff \t").strip()}
    told_apart = "\n".join([source.head, *(line.raw for line in source.lines)])
    assert all(
        row.strip("\ufeff") in told_apart for row in rows if row.strip(' \t\ufeff",;').strip()
    )


@given(st.binary(max_size=60))
def test_any_file_is_decoded_or_refused(content: bytes) -> None:
    try:
        assert decode(content).strip()
    except FieldErrors as error:
        assert error.errors["file"]
