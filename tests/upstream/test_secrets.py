"""The key stays between us and the provider, whatever the provider does with it."""

import html
import json
import logging
import time
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, NotSent, UpstreamError
from orders.upstream.redact import Redactor
from tests.upstream.conftest import Serve
from tests.upstream.recordings import KEY
from tests.upstream.server import answering, reply

SPELLINGS = [KEY, quote(KEY), quote_plus(KEY), html.escape(KEY), json.dumps(KEY)[1:-1]]
ECHOES = [
    *(reply(f'{{"error": "Invalid API key {text}"}}'.encode()) for text in SPELLINGS),
    *(reply(f"<html>{text}</html>".encode(), "502 Bad Gateway") for text in SPELLINGS),
    reply(("x" * 1990 + KEY).encode()),
    reply(f'{{"order": 0, "echo": {{"key": "{KEY}"}}}}'.encode()),
    reply(b"", "302 Found", f"Location: http://127.0.0.1/?key={quote_plus(KEY)}"),
    reply(f'[{{"order": 1, "refill": {{"error": "{KEY}"}}, "cancel": "{KEY} {KEY}"}}]'.encode()),
    reply(f'{{"1": "{KEY} is wrong"}}'.encode()),
    b"garbage " + KEY.encode() + b"\r\n\r\n",
]


def everything_said(error: BaseException) -> str:
    said = [repr(error), str(error), repr(vars(error)), *traceback.format_exception(error)]
    return "\n".join(said)


@pytest.mark.parametrize("answer", ECHOES)
def test_an_echoed_key_is_cut_out_everywhere(
    serve: Serve, caplog: pytest.LogCaptureFixture, answer: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    client, server = serve(answering(answer))
    seen: list[str] = [repr(client), repr(client.account), repr(vars(client))]
    moment = time.monotonic() + 5
    actions: list[tuple[Any, ...]] = [
        (client.balance,),
        (client.services,),
        (client.statuses, ["1"]),
        (client.status, "1"),
        (client.refill_statuses, ["1"]),
        (client.refill_status, "1"),
    ]
    sending: list[tuple[Any, ...]] = [
        (client.add, {"service": "1"}),
        (client.refills, ["1"]),
        (client.refill, "1"),
        (client.cancel, ["1"]),
    ]
    for action, *arguments in actions + sending:
        options = {"send_before": moment} if (action, *arguments) in sending else {}
        try:
            seen.append(repr(action(*arguments, **options)))
        except UpstreamError as error:
            seen.append(everything_said(error))
    everything = "\n".join([*seen, caplog.text, *map(repr, caplog.records)])
    assert server.forms[0]["key"] == KEY
    for spelling in SPELLINGS:
        assert spelling not in everything


def test_half_a_key_does_not_remain_where_evidence_is_cut() -> None:
    redact = Redactor(KEY)
    for before in range(1970, 2001):
        body = redact.body(("x" * before + KEY).encode())
        assert KEY[:6] not in body
        assert len(body) <= 2000
    assert redact.text("x" * 495 + KEY) == "x" * 495 + "[key]"


def test_an_account_shows_no_key_and_no_chain_leads_to_it() -> None:
    account = Account("http://127.0.0.1:9/api/v2", KEY)
    assert KEY not in repr(account)
    with pytest.raises(NotSent) as caught:
        Client(account).add({"service": "1"}, send_before=time.monotonic() + 5)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert KEY not in everything_said(caught.value)


def test_evidence_can_be_stored(serve: Serve) -> None:
    client, _ = serve(answering(reply(b"\x00\xff\xfe nul and no UTF-8 \xed\xa0\x80")))
    with pytest.raises(AnswerUnknown) as caught:
        client.add({"service": "1"}, send_before=time.monotonic() + 5)
    assert caught.value.exchange
    assert "\0" not in caught.value.exchange.body
    assert caught.value.exchange.body.encode()


def test_an_account_without_a_key_redacts_nothing() -> None:
    assert Redactor("").text("all of it") == "all of it"
