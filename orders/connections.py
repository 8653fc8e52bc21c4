"""Reaching a provider: the one place that opens its key, and a trial call in plain words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import call_times, provider_health, rate, sealing
from orders.enums import RefusalFamily
from orders.kept_words import Sentence, told
from orders.models import Provider
from orders.money import LARGEST, round_down
from orders.spelling import figure
from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import NotSent, ReadFailed, UpstreamError

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Trial:
    """How a trial call went. `words` is a sentence for staff, without the key."""

    ok: bool
    words: str
    balance: Decimal | None = None
    """In `currency`, rounded down to eight places."""
    currency: str = ""
    """Three capital letters, or empty when the provider names none."""
    family: RefusalFamily | None = None


def account_of(provider: Provider) -> Account:
    """Address, key and profile, as the upstream client wants them. Raises `sealing.Unsealable`."""
    return account_with(provider, sealing.unseal(provider.key_sealed))


def opens(provider: Provider) -> bool:
    """Whether the stored key can be read; without it no job begins anything with the provider.

    It cannot be after `FIELD_KEYS` lost the key that sealed it, until that one is put back or
    the provider's key is typed anew.
    """
    readable = sealing.is_readable(provider.key_sealed)
    if not readable:
        log.error("provider.key_unreadable", provider=provider.name)
    return readable


def client_for(provider: Provider) -> Client:
    """A client for this provider; close it or use it as a context manager.

    Raises `sealing.Unsealable`.
    """
    return Client(account_of(provider), listener=call_times.listener(provider.pk))


class NoTurn(Exception):
    """The provider's calls of the next seconds are all spoken for."""

    def __init__(self) -> None:
        super().__init__(
            gettext_noop("Other calls to this provider came first. Try again in a minute.")
        )


def read_from(
    provider: Provider, question: Callable[[Client], T], *, now: datetime, patience: float = 0
) -> T:
    """Ask a provider something within its pace, and note for its health how that went.

    `patience` seconds are granted even where the profile says less. Raises `NoTurn`,
    `sealing.Unsealable` or an `UpstreamError`.
    """
    account = _patient(account_of(provider), patience)
    if not rate.allow(provider):
        raise NoTurn
    try:
        with Client(account, listener=call_times.listener(provider.pk)) as client:
            answer = question(client)
    except UpstreamError as error:
        _note_failure(provider, error, now)
        raise
    finally:
        call_times.write(now)
    provider_health.answered(provider.pk, now)
    return answer


def _patient(account: Account, seconds: float) -> Account:
    return replace(
        account,
        read_timeout=max(account.read_timeout, seconds / 2),
        total_timeout=max(account.total_timeout, seconds),
    )


def _note_failure(provider: Provider, error: UpstreamError, now: datetime) -> None:
    if isinstance(error, ReadFailed) and error.family == RefusalFamily.RATE_LIMIT:
        provider_health.rate_limited(provider.pk, error, now)
    else:
        provider_health.failed(provider.pk, error, now)


def test(provider: Provider) -> Trial:
    """Ask for the balance and say in plain words how that went. Writes nothing, never raises."""
    try:
        return ask(account_of(provider))
    except sealing.Unsealable as error:
        return Trial(False, told(str(error)))


def account_with(provider: Provider, key: str) -> Account:
    """The same with a key that may not be stored yet."""
    return Account(
        url=provider.url,
        key=key,
        batch_size=provider.batch_size,
        connect_timeout=provider.connect_timeout,
        read_timeout=provider.read_timeout,
        total_timeout=provider.total_timeout,
        extra={name: str(value) for name, value in provider.extra_parameters.items()},
        idempotency_field=provider.idempotency_field,
        public_only=not settings.PRIVATE_PROVIDERS,
    )


def ask(account: Account) -> Trial:
    """Ask for the balance. Never raises for what a provider does."""
    try:
        with Client(account) as client:
            reply = client.balance()
    except UpstreamError as error:
        family = error.family if isinstance(error, ReadFailed) else None
        return Trial(False, told(words_for(error, account.url)), family=family)
    currency = currency_code(reply.currency)
    balance = stored_balance(reply.amount)
    words = _("Balance %(amount)s.") % {"amount": f"{figure(balance)} {currency}".strip()}
    return Trial(True, words, balance, currency)


def currency_code(text: str) -> str:
    """The currency as three capital letters; empty for what is none."""
    code = text.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def stored_balance(amount: Decimal) -> Decimal:
    """A balance as it can be kept: eight places, rounded down so that it does not flatter."""
    return max(-LARGEST, min(LARGEST, round_down(amount)))


def words_for(error: UpstreamError, url: str) -> str:
    """What went wrong and what to do about it; to be kept, or told."""
    if isinstance(error, ReadFailed) and error.family in _BY_FAMILY:
        return _BY_FAMILY[error.family]
    if isinstance(error, ReadFailed) and error.text:
        return _ANSWERED.of(words=error.text[:200])
    host = urlsplit(url).hostname or url
    if isinstance(error, NotSent) or error.reason in _NO_CONNECTION:
        return _NO_CONNECTION.get(error.reason, _NOT_REACHED).of(host=host)
    return _BY_REASON.get(error.reason, _NOT_THIS_API).of(host=host)


_NO_CONNECTION = {
    "dns": Sentence(gettext_noop("There is no host named %(host)s. Check the address.")),
    "connect": Sentence(
        gettext_noop("%(host)s cannot be reached. Check the address, or try again later.")
    ),
    "tls": Sentence(gettext_noop("%(host)s has no valid certificate; the key was not sent.")),
    "request": Sentence(gettext_noop("This address cannot be used. Check it.")),
    "forbidden": Sentence(
        gettext_noop(
            "%(host)s stands for an address inside your own network; nothing was sent. Only with "
            "PRIVATE_PROVIDERS=1 may providers be there."
        )
    ),
}
_IN_TROUBLE = Sentence(gettext_noop("%(host)s is in trouble at the moment. Try again later."))
_BY_REASON = {
    "timeout": Sentence(gettext_noop("%(host)s did not answer in time. Try again later.")),
    "redirect": Sentence(
        gettext_noop(
            "The address leads elsewhere. Write the one that the provider's API page names."
        )
    ),
    "html": Sentence(
        gettext_noop(
            "%(host)s answered with a web page, not its API. Check the address; it usually ends in "
            "/api/v2. If it is right, they are in trouble: try again later."
        )
    ),
    "too_large": Sentence(
        gettext_noop(
            "%(host)s sent more than an answer can hold; it was not read to the end. Ask there."
        )
    ),
    "server_error": _IN_TROUBLE,
    "reset": _IN_TROUBLE,
}
_NOT_REACHED = Sentence(gettext_noop("No connection to %(host)s."))
_NOT_THIS_API = Sentence(
    gettext_noop(
        "What %(host)s answered is not this API. Check the address; it usually ends in /api/v2."
    )
)
_ANSWERED = Sentence(gettext_noop("The provider answered: “%(words)s”."))
_BY_FAMILY: dict[RefusalFamily | None, str] = {
    RefusalFamily.KEY: gettext_noop(
        "The provider refused the key. Copy it again from its API page."
    ),
    RefusalFamily.SUSPENDED: (
        gettext_noop(
            "The provider says that the account is suspended or its API is switched off. Ask there."
        )
    ),
    RefusalFamily.RATE_LIMIT: gettext_noop(
        "The provider asks to slow down. Try again in a minute."
    ),
    RefusalFamily.REQUEST: gettext_noop(
        "The provider did not understand the call. Check the address."
    ),
}
