"""Stripe's hosted checkout, spoken directly over HTTP.

Sessions: https://docs.stripe.com/api/checkout/sessions; signatures:
https://docs.stripe.com/webhooks#verify-manually; amounts in the smallest unit:
https://docs.stripe.com/currencies#zero-decimal.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy

from orders.gateways.contract import (
    BadNews,
    GatewayError,
    Outcome,
    Payment,
    Signposts,
    Started,
)

CONNECT_SECONDS, READ_SECONDS = 5, 15
MOST_BYTES = 512 * 1024
TOLERANCE = timedelta(minutes=5)
"""News signed longer ago is not believed: somebody may be repeating it."""

WHOLE = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"}
WHOLE |= {"PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}
TOLD = ("checkout.session.",)


class Checkout:
    """One Stripe account."""

    signposts: ClassVar[Signposts] = Signposts(
        button=gettext_lazy("Add a checkout"),
        key=gettext_lazy("Stripe: Developers, API keys."),
        secret=gettext_lazy("Stripe: Developers, Webhooks, of the endpoint for this panel."),
        news=gettext_lazy("Enter it as a webhook endpoint, for all events of checkout sessions."),
    )

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret

    def begin(
        self, *, reference: str, amount: Decimal, currency: str, title: str, back: str
    ) -> Started:
        fields = {
            "mode": "payment",
            "client_reference_id": reference,
            "success_url": back,
            "cancel_url": back,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": currency.lower(),
            "line_items[0][price_data][unit_amount]": str(to_smallest(amount, currency)),
            "line_items[0][price_data][product_data][name]": title,
        }
        made = self._call("POST", "/v1/checkout/sessions", fields, repeat_key=reference)
        payment_id, url = made.get("id"), made.get("url")
        if not _is_id(payment_id) or not isinstance(url, str) or not url.startswith(_SCHEMES):
            raise GatewayError("The payment page has no address.")
        return Started(str(payment_id), url)

    def ask(self, payment_id: str) -> Payment:
        if not _is_id(payment_id):
            raise GatewayError("Not a payment's id.")
        try:
            return _payment(self._call("GET", f"/v1/checkout/sessions/{payment_id}"))
        except _Unreadable as error:
            raise GatewayError(str(error)) from error

    def read_news(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Payment | None:
        _check_signature(body, headers.get("Stripe-Signature", ""), self._secret, now)
        try:
            event = json.loads(body)
            kind, about = event["type"], event["data"]["object"]
            return _payment(about) if str(kind).startswith(TOLD) else None
        except (ValueError, TypeError, KeyError, RecursionError, _Unreadable) as error:
            raise BadNews("News that cannot be read.") from error

    def _call(
        self, method: str, path: str, fields: dict[str, str] | None = None, repeat_key: str = ""
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}"}
        if repeat_key:
            headers["Idempotency-Key"] = repeat_key
        try:
            with requests.request(
                method,
                settings.CHECKOUT_URL + path,
                data=fields,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _document(answer)
        except requests.RequestException as error:
            # Never the exception's own text: it may quote what was sent.
            raise GatewayError(f"It does not answer ({type(error).__name__}).") from None


_SCHEMES = ("https://", "http://127.0.0.1:", "http://localhost:")


class _Unreadable(Exception):
    """A session without what belongs into one."""


def to_smallest(amount: Decimal, currency: str) -> int:
    """The amount in the currency's smallest unit. Raises `GatewayError` for parts of one."""
    units = amount.scaleb(_places(currency))
    if units != units.to_integral_value():
        raise GatewayError(f"{amount:f} {currency} cannot be paid: its smallest coin is larger.")
    return int(units)


def _places(currency: str) -> int:
    code = currency.upper()
    if code in WHOLE:
        return 0
    return 3 if code in THOUSANDTHS else 2


def _document(answer: requests.Response) -> dict[str, Any]:
    body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
    if len(body) > MOST_BYTES:
        raise GatewayError("Its answer is too long.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise GatewayError(f"Its answer cannot be read (HTTP {answer.status_code}).") from None
    if answer.status_code != 200 or not isinstance(found, dict):
        raise GatewayError(f"It refused (HTTP {answer.status_code}): {_reason(found)}")
    return found


def _reason(found: Any) -> str:
    said = found.get("error") if isinstance(found, dict) else None
    text = said.get("code") or said.get("type") if isinstance(said, dict) else ""
    return str(text or "no reason given")[:80]


def _is_id(value: Any) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= 120
        and value.isascii()
        and value.replace("_", "").isalnum()
    )


def _payment(session: Any) -> Payment:
    if not isinstance(session, dict) or not _is_id(session.get("id")):
        raise _Unreadable("A session without an id.")
    currency = str(session.get("currency") or "").upper()[:3]
    try:
        units = Decimal(str(session.get("amount_total") or 0))
    except InvalidOperation:
        raise _Unreadable("An amount that cannot be read.") from None
    if not units.is_finite() or units < 0 or units != units.to_integral_value():
        raise _Unreadable("An amount that cannot be read.")
    return Payment(
        payment_id=session["id"],
        reference=str(session.get("client_reference_id") or "")[:200],
        outcome=_outcome(session),
        amount=units.scaleb(-_places(currency)),
        currency=currency,
    )


def _outcome(session: dict[str, Any]) -> Outcome:
    if session.get("payment_status") == "paid":
        return Outcome.PAID
    return Outcome.OVER if session.get("status") == "expired" else Outcome.OPEN


def _check_signature(body: bytes, header: str, secret: str, now: datetime) -> None:
    """Raises `BadNews` unless one of the header's signatures is ours for this very body."""
    parts = [part.partition("=")[::2] for part in header[:2000].split(",")]
    stamps = [value for name, value in parts if name.strip() == "t"]
    if not secret or len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal()):
        raise BadNews("Not signed.")
    if abs(now.timestamp() - int(stamps[0][:15])) > TOLERANCE.total_seconds():
        raise BadNews("Signed too long ago.")
    told = hmac.new(secret.encode(), stamps[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    given = [value for name, value in parts if name.strip() == "v1"]
    if not any(hmac.compare_digest(told, one) for one in given if one.isascii()):
        raise BadNews("Signed by somebody else.")
