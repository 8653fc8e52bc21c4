"""Every row of the protocol's table of `add`: what is asked, counted, billed and sent."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import service_types
from orders.enums import DripLimit
from orders.errors import FieldErrors, NotForSale
from orders.service_types import Limits, ServiceType, by_slug, clean, find, link_key, parameters

LINK = "https://instagram.com/ateliernord"
WIDE = Limits(1, 1_000_000)
LIMITS = Limits(50, 10_000, multiple=10)

# slug → a filled form, billable, delivery total, what is sent besides the service and the link
ROWS = {
    "default": ({"quantity": "1,000"}, 1000, 1000, {"quantity": "1000"}),
    "package": ({}, 1, None, {}),
    "seo": (
        {"quantity": "100", "keywords": "shoes\nred shoes"},
        100,
        100,
        {"quantity": "100", "keywords": "shoes\nred shoes"},
    ),
    "custom_comments": (
        {"comments": "Nice\r\nLovely\r\n\r\nGood"},
        3,
        3,
        {"comments": "Nice\nLovely\nGood"},
    ),
    "custom_comments_package": (
        {"comments": "Nice\nLovely"},
        1,
        None,
        {"comments": "Nice\nLovely"},
    ),
    "mentions": (
        {"quantity": "100", "usernames": "ann\nbob"},
        100,
        100,
        {"quantity": "100", "usernames": "ann\nbob"},
    ),
    "mentions_with_hashtags": (
        {"quantity": "100", "usernames": "ann\nbob", "hashtags": "#sun\n#sea"},
        100,
        100,
        {"quantity": "100", "usernames": "ann\nbob", "hashtags": "#sun\n#sea"},
    ),
    "mentions_custom_list": ({"usernames": "ann\rbob"}, 2, 2, {"usernames": "ann\nbob"}),
    "mentions_hashtag": (
        {"quantity": "100", "hashtag": "#sun"},
        100,
        100,
        {"quantity": "100", "hashtag": "#sun"},
    ),
    "mentions_user_followers": (
        {"quantity": "100", "username": "ann"},
        100,
        100,
        {"quantity": "100", "username": "ann"},
    ),
    "mentions_media_likers": (
        {"quantity": "100", "media": "https://instagram.com/p/C8xYq2LtR"},
        100,
        100,
        {"quantity": "100", "media": "https://instagram.com/p/C8xYq2LtR"},
    ),
    "comment_likes": (
        {"quantity": "100", "username": "ann"},
        100,
        100,
        {"quantity": "100", "username": "ann"},
    ),
    "comment_replies": (
        {"username": "ann", "comments": "Yes\nNo"},
        2,
        2,
        {"username": "ann", "comments": "Yes\nNo"},
    ),
    "poll": (
        {"quantity": "100", "answer_number": "2"},
        100,
        100,
        {"quantity": "100", "answer_number": "2"},
    ),
    "invites_from_groups": (
        {"quantity": "100", "groups": "t.me/a\nt.me/b"},
        100,
        100,
        {"quantity": "100", "groups": "t.me/a\nt.me/b"},
    ),
    "web_traffic": (
        {
            "quantity": "100",
            "country": "PT",
            "device": "5",
            "type_of_traffic": "1",
            "google_keyword": "shoes",
        },
        100,
        100,
        {
            "quantity": "100",
            "country": "PT",
            "device": "5",
            "type_of_traffic": "1",
            "google_keyword": "shoes",
        },
    ),
}


def errors_of(slug, raw, limits=WIDE):
    with pytest.raises(FieldErrors) as caught:
        clean(by_slug(slug), raw, limits)
    return caught.value.errors


@pytest.mark.parametrize("slug", ROWS)
def test_each_row_of_the_table_is_counted_and_sent_as_the_protocol_says(slug):
    raw, billable, delivery_total, sent = ROWS[slug]
    details = clean(by_slug(slug), {"link": LINK, **raw}, WIDE)
    assert (details.link, details.quantity, details.billable) == (LINK, billable, billable)
    assert details.delivery_total == delivery_total
    expected = {"service": "1207", "link": LINK, **sent}
    assert parameters(by_slug(slug), details.values, "1207") == expected


@pytest.mark.parametrize("slug", ROWS)
def test_what_is_sent_is_the_same_after_storing_as_json(slug):
    details = clean(by_slug(slug), {"link": LINK, **ROWS[slug][0]}, WIDE)
    stored = json.loads(json.dumps(details.values))
    kind = by_slug(slug)
    assert parameters(kind, stored, "7") == parameters(kind, details.values, "7")


@pytest.mark.parametrize("slug", ROWS)
def test_every_required_field_is_asked_for_at_once(slug):
    kind = by_slug(slug)
    required = {field.name for field in kind.fields if field.required}
    assert errors_of(slug, {}).keys() == required
    assert "link" in required


def test_the_table_is_whole():
    assert {kind.slug for kind in service_types.ALL} == ROWS.keys() | {"subscriptions"}
    assert all(kind.counts == "" or kind.field(kind.counts) for kind in service_types.ALL)
    assert [kind.slug for kind in service_types.ALL if kind.package] == [
        "package",
        "custom_comments_package",
    ]


@pytest.mark.parametrize("kind", service_types.ALL, ids=lambda kind: kind.slug)
def test_a_type_is_found_under_its_own_name_and_its_slug(kind):
    assert find(kind.name) is kind
    assert find(kind.slug) is kind
    assert find(kind.name.upper()) is kind
    assert find(kind.name.replace(" ", "-").lower()) is kind
    assert find(f"  {kind.name} ") is kind


@pytest.mark.parametrize(
    ("spelled", "slug"),
    [
        ("custom_comments", "custom_comments"),
        ("CustomComments", "custom_comments"),
        ("Custom Comment", "custom_comments"),
        ("Mentions Users Followers", "mentions_user_followers"),
        ("Subscription", "subscriptions"),
        ("Invites From Groups", "invites_from_groups"),
        ("comment reply", "comment_replies"),
        ("Mention With Hashtag", "mentions_with_hashtags"),
        ("web_traffic", "web_traffic"),
        ("customcomments", "custom_comments"),
        ("WebTraffic", "web_traffic"),
        ("CUSTOM-COMMENTS_PACKAGES", "custom_comments_package"),
        ("customCommentsPackage", "custom_comments_package"),
        ("mentions__hashtags", "mentions_hashtag"),
        ("Polls", "poll"),
        ("seo", "seo"),
    ],
)
def test_names_that_drift_are_still_known(spelled, slug):
    assert find(spelled) is by_slug(slug)


@pytest.mark.parametrize("name", ["", " ", "Defaults plus", "Default Накрутка", "Likes", "Poll 2"])
def test_an_unknown_type_is_never_taken_for_another(name):
    assert find(name) is None


def test_an_unknown_type_says_why_it_cannot_be_ordered():
    assert service_types.why_not_orderable("Hologram") == (
        'This panel does not know the type "Hologram".'
    )
    assert service_types.why_not_orderable("Subscription") == ""
    assert service_types.why_not_orderable("default") == ""


def test_a_type_that_is_not_orderable_is_refused_with_the_reason():
    kind = ServiceType("later", "Later", (), orderable=False, why_not="Not sold yet.")
    with pytest.raises(NotForSale, match="Not sold yet"):
        clean(kind, {}, WIDE)


# Subscriptions

SUBSCRIBED = {"username": "@ann", "min": "100", "max": "1,000", "delay": "0", "posts": "3"}


def subscribed(limits=WIDE, **changes):
    return clean(by_slug("subscriptions"), SUBSCRIBED | changes, limits)


def refused(limits=WIDE, **changes):
    return errors_of("subscriptions", SUBSCRIBED | changes, limits)


def test_a_subscription_holds_the_most_for_every_post():
    details = subscribed(old_posts="2", expiry="2030-12-31")
    assert (details.quantity, details.least_per_post, details.runs) == (1000, 100, 5)
    assert details.billable == details.delivery_total == 5000
    assert details.ends_on == date(2030, 12, 31)
    assert (details.link, details.target) == ("", "@ann")
    assert parameters(by_slug("subscriptions"), details.values, "7") == {
        "service": "7",
        "username": "@ann",
        "min": "100",
        "max": "1000",
        "posts": "3",
        "old_posts": "2",
        "delay": "0",
        "expiry": "31/12/2030",
    }


def test_what_is_left_out_of_a_subscription_is_not_sent():
    details = subscribed()
    assert details.ends_on is None
    assert details.values.keys() == SUBSCRIBED.keys()


@pytest.mark.parametrize("posts", ["", None, "0"])
def test_a_subscription_without_an_end_is_refused_with_the_reason(posts):
    errors = refused(posts=posts, old_posts="5")
    assert list(errors) == ["posts"]
    assert "Without an end nobody can tell what it will cost" in errors["posts"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"posts": "1,001"}, "posts", "Between 1 and 1,000."),
        ({"old_posts": "1001"}, "old_posts", "Between 0 and 1,000."),
        ({"min": "40"}, "min", "At least 50 for this service."),
        ({"min": "1010"}, "min", "No more than the most per post."),
        ({"max": "20,000"}, "max", "Between 50 and 10,000 for this service."),
        ({"min": "10", "max": "40"}, "max", "Between 50 and 10,000 for this service."),
        ({"max": "1005"}, "max", "In steps of 10."),
        ({"delay": "7"}, "delay", "Choose one of the list."),
        ({"expiry": "1/1/2026"}, "expiry", "This day has passed."),
        ({"expiry": "01/01/0001"}, "expiry", "This day has passed."),
        ({"username": " "}, "username", "Enter the username."),
    ],
)
def test_what_is_wrong_with_a_subscription_stands_at_its_field(changes, field, said):
    limits = replace(LIMITS, today=date(2026, 1, 2))
    assert refused(limits, **changes) == {field: said}


def test_the_last_day_of_a_subscription_may_be_today():
    limits = replace(WIDE, today=date(2026, 1, 2))
    assert subscribed(limits, expiry="2/1/2026").ends_on == date(2026, 1, 2)


# Quantities


@pytest.mark.parametrize(
    "typed", ["1000", "1,000", "1 000", "1\u00a0000", "1\u202f000", " 1000 ", 1000]
)
def test_a_quantity_is_read_as_people_write_it(typed):
    assert clean(by_slug("default"), {"link": LINK, "quantity": typed}, LIMITS).quantity == 1000


@pytest.mark.parametrize(
    "typed",
    [
        "1.000",
        "1,00",
        "1,0000",
        "10,00",
        "-5",
        "+5",
        "1e3",
        "ten",
        "1.5",
        1.5,
        True,
        "٣",
        "9" * 30,
        10**5000,
    ],
    ids=lambda typed: str(typed)[:9] if not isinstance(typed, int) else "whole",
)
def test_a_quantity_that_could_be_misread_is_refused(typed):
    errors = errors_of("default", {"link": LINK, "quantity": typed}, LIMITS)
    assert errors.keys() == {"quantity"}


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        (40, "Between 50 and 10,000 for this service."),
        (10_010, "Between 50 and 10,000 for this service."),
        (0, "Between 50 and 10,000 for this service."),
        (55, "In steps of 10."),
    ],
)
def test_a_quantity_outside_the_limits_says_what_they_are(quantity, sentence):
    assert errors_of("default", {"link": LINK, "quantity": quantity}, LIMITS) == {
        "quantity": sentence
    }


@pytest.mark.parametrize("quantity", [50, 10_000])
def test_both_ends_of_the_limits_may_be_ordered(quantity):
    assert clean(by_slug("default"), {"link": LINK, "quantity": quantity}, LIMITS)


def test_lines_are_limited_where_lines_are_billed():
    raw = {"link": LINK, "comments": "one\ntwo"}
    assert errors_of("custom_comments", raw, Limits(3, 1500)) == {
        "comments": "Between 3 and 1,500 for this service. You entered 2."
    }


def test_a_quantity_typed_beside_comments_is_ignored():
    raw = {"link": LINK, "comments": "one\ntwo", "quantity": "500"}
    details = clean(by_slug("custom_comments"), raw, WIDE)
    assert details.billable == 2
    assert "quantity" not in parameters(by_slug("custom_comments"), details.values, "7")


def test_a_package_knows_no_limits():
    details = clean(by_slug("package"), {"link": LINK, "quantity": "5"}, Limits(100, 200))
    assert (details.quantity, details.billable, details.delivery_total) == (1, 1, None)


# Drip-feed


def drip(**changes):
    return {"link": LINK, "quantity": "1000", "runs": "5", "interval": "60", **changes}


@pytest.mark.parametrize("slug", ["default", "web_traffic"])
def test_a_drip_feed_bills_all_its_runs(slug):
    raw = drip(country="WW", device="1", type_of_traffic="3")
    details = clean(by_slug(slug), raw, LIMITS)
    assert (details.quantity, details.billable, details.delivery_total) == (1000, 5000, 5000)
    sent = parameters(by_slug(slug), details.values, "7")
    assert (sent["quantity"], sent["runs"], sent["interval"]) == ("1000", "5", "60")


def test_runs_and_interval_need_each_other():
    assert errors_of("default", drip(interval="")).keys() == {"interval"}
    assert errors_of("default", drip(runs=None)).keys() == {"runs"}


def test_a_mistyped_run_is_named_once():
    assert errors_of("default", drip(runs="many")) == {
        "runs": "Enter a whole number, such as 1,000."
    }
    assert errors_of("default", drip(runs="0")) == {"runs": "Between 1 and 1,000."}


def test_a_provider_may_limit_one_run_or_all_together():
    raw = drip(runs="20")
    assert clean(by_slug("default"), raw, Limits(50, 10_000)).billable == 20_000
    assert errors_of("default", raw, Limits(50, 10_000, drip=DripLimit.TOTAL)) == {
        "quantity": "Between 50 and 10,000 for this service. All runs together are 20,000."
    }
    small = drip(quantity="10", runs="5")
    assert clean(by_slug("default"), small, Limits(50, 10_000, drip=DripLimit.TOTAL)).billable == 50


def test_a_total_limit_counts_all_runs_from_below_too():
    raw = drip(quantity="10", runs="4")
    assert errors_of("default", raw, Limits(50, 10_000, drip=DripLimit.TOTAL)).keys() == {
        "quantity"
    }
    assert errors_of("default", raw, Limits(50, 10_000)).keys() == {"quantity"}


@pytest.mark.parametrize("interval", ["60", "", None])
def test_a_single_run_is_an_order_like_any_other(interval):
    details = clean(by_slug("default"), drip(runs="1", interval=interval), LIMITS)
    assert details.values == {"link": LINK, "quantity": 1000}
    assert (details.billable, details.runs) == (1000, None)


def test_a_service_that_is_not_delivered_in_runs_says_so_at_the_field():
    plain = Limits(50, 10_000, dripfeed=False)
    assert errors_of("default", drip(), plain) == {
        "runs": "This service is delivered at once. Leave the runs empty."
    }
    assert clean(by_slug("default"), drip(runs="1"), plain).runs is None
    assert clean(by_slug("default"), drip(runs="", interval=""), plain).runs is None


def test_forms_know_apart_what_belongs_to_runs():
    kind = by_slug("default")
    assert [field.name for field in kind.offered_fields] == ["link", "quantity"]
    assert [field.name for field in kind.drip_fields] == ["runs", "interval"]
    assert by_slug("seo").drip_fields == ()


# Web traffic


@pytest.mark.parametrize(
    ("traffic", "needed"), [("1", "google_keyword"), ("2", "referring_url"), ("3", None)]
)
def test_the_type_of_traffic_decides_what_else_is_needed(traffic, needed):
    raw = {"link": LINK, "quantity": 100, "country": "WW", "device": "1"}
    raw["type_of_traffic"] = traffic
    if needed is None:
        assert clean(by_slug("web_traffic"), raw, WIDE)
        return
    assert errors_of("web_traffic", raw).keys() == {needed}
    assert clean(by_slug("web_traffic"), {**raw, needed: "example.com"}, WIDE)


def test_a_choice_takes_only_what_is_on_its_list():
    raw = ROWS["web_traffic"][0] | {"link": LINK, "device": "6"}
    assert errors_of("web_traffic", raw) == {"device": "Choose one of the list."}
    assert errors_of("web_traffic", raw | {"device": ""}) == {"device": "Choose the device."}


def test_what_is_not_asked_for_is_neither_judged_nor_sent():
    raw = ROWS["web_traffic"][0] | {"link": LINK, "referring_url": "no such thing"}
    details = clean(by_slug("web_traffic"), raw, WIDE)
    assert "referring_url" not in parameters(by_slug("web_traffic"), details.values, "7")
    blank = raw | {"type_of_traffic": "3", "google_keyword": "x" * 9_999}
    sent = parameters(
        by_slug("web_traffic"), clean(by_slug("web_traffic"), blank, WIDE).values, "7"
    )
    assert not {"referring_url", "google_keyword"} & sent.keys()


# Links


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "http://example.com",
        "HTTPS://Example.com/Page?x=1#part",
        "instagram.com/ateliernord",
        "t.me/+AbCdEf",
        "example.com:8080/x",
        "https://medium.com/@ann/story",
        "@ateliernord",
        "atelier.nord",
        "ateliernord",
        "#sunset",
        "https://пример.рф/страница",
        "https://example.com/path,with;marks~and%20more",
        f"https://example.com/{'x' * 1900}",
    ],
)
def test_links_and_usernames_are_taken(link):
    assert clean(by_slug("package"), {"link": link}, WIDE).link == link


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\ufeff", " ", "\n"])
def test_what_copying_leaves_at_the_ends_of_a_link_is_cut(mark):
    assert clean(by_slug("package"), {"link": f"{mark}{LINK}{mark}"}, WIDE).link == LINK


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "???",
        "<script>",
        "https://a.com https://b.com",
        "https://a.com\nhttps://b.com",
        "https://a.com,https://b.com",
        "https://exa\u200bmple.com/x",
        "https://example.com/\x00",
        "https://example.com/\x07",
        "https://example.com/\ud800",
        f"https://example.com/{'x' * 2000}",
        "",
        "   ",
        ["https://example.com"],
    ],
)
def test_what_is_no_link_is_refused(link):
    assert errors_of("package", {"link": link}).keys() == {"link"}


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://www.Instagram.com/AtelierNord/", "instagram.com/AtelierNord"),
        ("http://instagram.com/AtelierNord", "instagram.com/AtelierNord"),
        ("instagram.com/AtelierNord", "instagram.com/AtelierNord"),
        ("https://youtu.be/q8TzC1_xN0o?t=5", "youtu.be/q8TzC1_xN0o?t=5"),
        ("https://instagram.com/p/Abc/?igsh=1", "instagram.com/p/Abc?igsh=1"),
        ("https://example.com", "example.com"),
        ("https://EXAMPLE.com?Q=1", "example.com?Q=1"),
        ("@AtelierNord", "ateliernord"),
        ("AtelierNord", "ateliernord"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_links_to_one_page_have_one_key(link, key):
    assert link_key(link) == key


def test_a_key_is_never_longer_than_its_column():
    assert link_key(f"https://example.com/{'x' * 1900}") == f"example.com/{'x' * 188}"


@given(st.text())
def test_any_text_has_a_key(link):
    assert len(link_key(link)) <= 200


def test_the_key_of_a_typed_beginning_is_the_beginning_of_the_key():
    assert link_key("https://t.me/casaverde_daily/812").startswith(link_key("t.me/casaverde"))


# Lists and text


def test_lines_are_trimmed_and_blank_ones_dropped():
    raw = {"link": LINK, "comments": " one \r\n\r\n two\tb \r three\n \n"}
    details = clean(by_slug("custom_comments"), raw, WIDE)
    assert details.values["comments"] == ["one", "two b", "three"]


def test_a_comment_may_hold_what_looks_like_a_line_break_elsewhere():
    raw = {"link": LINK, "comments": "one\u2028still one 👩‍👩‍👧"}
    assert clean(by_slug("custom_comments"), raw, WIDE).quantity == 1


def test_a_program_may_send_a_list_as_a_list():
    raw = {"link": LINK, "comments": ["one", "two\nthree", ""]}
    assert clean(by_slug("custom_comments"), raw, WIDE).quantity == 3


@pytest.mark.parametrize("empty", ["", " \n \r\n", [], ["", " "], None])
def test_an_empty_list_is_missing(empty):
    raw = {"link": LINK, "comments": empty}
    assert errors_of("custom_comments", raw) == {"comments": "Enter the comments, one per line."}


@pytest.mark.parametrize("bad", ["a\x00b", "a\x0bb", "a\x1bb", "a\ud800b"])
def test_control_characters_are_refused_with_the_line(bad):
    raw = {"link": LINK, "comments": f"fine\n{bad}"}
    assert errors_of("custom_comments", raw)["comments"].startswith("Line 2 ")
    assert "username" in errors_of("comment_likes", {"link": LINK, "quantity": 1, "username": bad})


def test_lists_and_lines_have_an_end():
    long_line = {"link": LINK, "comments": "x" * 2001}
    assert errors_of("custom_comments", long_line).keys() == {"comments"}
    many_lines = {"link": LINK, "comments": "x\n" * 10_001}
    assert errors_of("custom_comments", many_lines) == {
        "comments": "At most 10,000 lines; these are 10,001."
    }
    assert clean(by_slug("custom_comments"), {**many_lines, "comments": "x\n" * 10_000}, WIDE)
    much = {"link": LINK, "comments": f"{'x' * 2000}\n" * 201}
    assert errors_of("custom_comments", much) == {
        "comments": "At most 400,000 characters in all; these are 402,000."
    }


@pytest.mark.parametrize("blank", ["\u200b", "\u200f \ufeff", "\u00a0\u3000", "\x85", "\u2060"])
def test_lines_in_which_nothing_is_to_be_seen_are_not_billed(blank):
    raw = {"link": LINK, "comments": f"one\n{blank}\n\u200fשלום\u200f"}
    details = clean(by_slug("custom_comments"), raw, WIDE)
    assert details.values["comments"] == ["one", "\u200fשלום\u200f"]
    assert errors_of("custom_comments", {"link": LINK, "comments": blank}) == {
        "comments": "Enter the comments, one per line."
    }


def test_lines_are_kept_as_they_were_written():
    odd = ["🎉👩‍👩‍👧 été", "مرحبا بالعالم", "same", "same", "<b>&amp;</b>", "#a @b", "a, b | c"]
    raw = {"link": LINK, "comments": "\r\n".join(odd)}
    details = clean(by_slug("custom_comments"), raw, WIDE)
    assert details.billable == len(odd)
    assert parameters(by_slug("custom_comments"), details.values, "7")["comments"] == "\n".join(odd)


@pytest.mark.parametrize("given", [{"a": 1}, 1.5, True, object()])
def test_what_is_neither_text_nor_number_is_refused(given):
    raw = {"link": LINK, "quantity": 1, "username": given}
    assert errors_of("comment_likes", raw).keys() == {"username"}


def test_a_date_is_taken_in_both_forms_and_kept_in_upstreams():
    from orders.service_types.values import Wrong, clean_value

    expiry = by_slug("subscriptions").field("expiry")
    assert clean_value(expiry, "31/12/2030") == "31/12/2030"
    assert clean_value(expiry, "2030-12-31") == "31/12/2030"
    with pytest.raises(Wrong):
        clean_value(expiry, "31/13/2030")


@given(
    st.sampled_from(sorted(ROWS)),
    st.dictionaries(
        st.sampled_from(
            sorted({field.name for kind in service_types.ALL for field in kind.fields})
        ),
        st.one_of(
            st.none(),
            st.text(),
            st.integers(),
            st.booleans(),
            st.floats(),
            st.lists(st.text()),
            st.sampled_from([LINK, "100", "1", "@ann", "a\nb"]),
        ),
    ),
)
def test_whatever_is_typed_is_taken_or_refused_by_field(slug, raw):
    kind = by_slug(slug)
    details, errors = None, {}
    try:
        details = clean(kind, raw, LIMITS)
    except FieldErrors as refused:
        errors = refused.errors
    if details is None:
        assert errors.keys() <= {field.name for field in kind.fields}
        assert all(sentence.endswith(".") for sentence in errors.values())
        return
    assert details.billable >= 1
    sent = parameters(kind, details.values, "7")
    assert all(isinstance(value, str) for value in sent.values())
    json.dumps(details.values)
