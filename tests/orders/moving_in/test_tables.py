"""Files as spreadsheets and other panels write them."""

from decimal import Decimal

import pytest

from orders.errors import FieldErrors
from orders.moving_in import read_customers, read_services, tables

HEAD = "our number,provider,upstream id,name,category,price\n"


def refused(content: bytes | str) -> str:
    with pytest.raises(FieldErrors) as error:
        read_services(content if isinstance(content, bytes) else content.encode())
    assert list(error.value.errors) == ["file"]
    return error.value.errors["file"]


@pytest.mark.parametrize(
    "content",
    [
        b"our number,provider,upstream id,name,category,price\n7,Bulk,11,Likes,Insta,1.5\n",
        b"\xef\xbb\xbfOur Number;PROVIDER;upstream_id;Name;Category;Price\r\n"
        b"7;Bulk;11;Likes;Insta;1,5",
        b'"number";"provider";"upstream-id";"name";"category";"rate"\n7;Bulk;11;Likes;Insta;1.5\n\n',
        b"price,name,category,service id,upstream id,provider\n\n1.50,Likes,Insta, 7 ,11,Bulk\n",
    ],
)
def test_a_file_is_read_whatever_its_separator_its_mark_and_the_order_of_its_columns(
    content: bytes,
) -> None:
    (row,) = read_services(content).rows
    assert (row.number, row.provider, row.upstream_id) == (7, "Bulk", "11")
    assert (row.name, row.category, row.price) == ("Likes", "Insta", Decimal("1.5"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        (HEAD, "no row"),
        ("our number,provider\n1,Bulk\n", "lacks: upstream id"),
        ("number,provider,upstream id,discount\n1,B,2,3\n", "“discount”"),
        ("number,id,provider,upstream id\n1,1,B,2\n", "“our number” stands in line 1 twice"),
        (HEAD.encode() + b"1,Bulk,2,caf\xe9,x,1\n", "Line 2 is not UTF-8"),
        ("a\0b", "CSV UTF-8"),
        (HEAD + '1,Bulk,2,"never closed,x,1\n', "no CSV file"),
        (HEAD.encode().decode().encode("utf-16"), "not UTF-8"),
        (b"x" * (tables.MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_use_says_why(content: str, words: str) -> None:
    assert words in refused(content)


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    line = "{},Bulk,2,Likes,x,1\n"
    assert len(read_services((HEAD + line.format(1) + line.format(2)).encode()).rows) == 2
    assert "more than 2 rows" in refused(HEAD + "".join(line.format(n) for n in (1, 2, 3)))


def test_each_bad_row_is_named_by_its_line_and_says_what_to_do() -> None:
    file = read_services(
        (
            HEAD
            + 'x,Bulk,2,Likes,x,1\n1,Bulk,2,"two\nlines",x,1\n'
            + "2,,2,Likes,x,1\n3,Bulk,2,Likes,x,$1\n4,Bulk,2,Likes,x,0\n"
            + "5,Bulk,2,Likes, more,x,1\n6,Bulk,2,Likes,x,1\n6,Bulk,2,Likes,x,1\n"
            + "8,Bulk,2,Likes,x,\n"
        ).encode()
    )
    assert [(row.line, row.number, row.price) for row in file.rows] == [(11, 8, None)]
    words = {2: "whole number", 3: "line break", 5: "needs a provider", 6: "plain number"}
    words |= {7: "above zero", 8: "7 cells where the header has 6", 9: "Line 10", 10: "Line 9"}
    assert sorted(file.bad) == sorted(words)
    assert all(word in file.bad[line] for line, word in words.items())


def test_a_comma_is_a_decimal_mark_only_between_semicolons() -> None:
    semicolons = read_customers(b"email;balance\na@x.example;1234,5\nb@x.example;1.234,5\n")
    assert [row.balance for row in semicolons.rows] == [Decimal("1234.5")]
    assert list(semicolons.bad) == [3]
    commas = read_customers(b'email,balance\na@x.example,"1,234"\n')
    assert list(commas.bad) == [2]


def test_what_stands_twice_comes_in_from_neither_line_and_contacts_are_normalised() -> None:
    file = read_customers(
        b"e-mail,name,phone,balance,markup,api key\n"
        b" Pat@X.example ,Pat,+44 20 7946 0018,1,35 %,abcdefgh1\n"
        b"pat@x.example,Pat,,1,,\n"
        b"ola@x.example,Ola,004420 7946-0018,1,,\n"
        b"kim@x.example,Kim,,1,,abcdefgh2\nlee@x.example,Lee,,1,,abcdefgh2\n"
        b",Nobody,,1,,\nno address,,,1,,\nrat@x.example,,,1,-5,\nshort@x.example,,,1,,abc\n"
        b"Zoe@x.example,Zoe,+47 224 10 730,-2.5,28.5,\n"
    )
    assert [(row.email, row.phone, row.balance, row.markup) for row in file.rows] == [
        ("zoe@x.example", "4722410730", Decimal("-2.5"), Decimal("28.5"))
    ]
    assert sorted(file.bad) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "abcdefgh" not in str(file.bad) + repr(file)
