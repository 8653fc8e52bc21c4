"""Keys of the API: made once, kept as a hash, known again in one query.

A key has 160 random bits, so a plain SHA-256 is enough to keep it by: there is nothing to guess.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, persons, sql
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.kept_words import Sentence
from orders.models import ApiKey, Customer, User

LENGTH = Sentence(gettext_noop("A key has %(least)s to %(most)s plain characters."))

KEY_BYTES = 20
PREFIX = 6
MOST = 20
"""Keys that a customer may have at one time."""

SHORTEST, LONGEST = 8, 200
"""Characters of a key; whatever is longer is none. Ours have 40, others come from elsewhere."""

NO_KEY = frozenset({"undefined", "null"})
"""What programs send that have none."""

USE_NOTED_EVERY = timedelta(minutes=1)


def of(customer: Customer) -> QuerySet[ApiKey]:
    """The customer's keys that open something, newest first."""
    return ApiKey.objects.filter(customer=customer, revoked_at=None).order_by("-pk")


class Print(NamedTuple):
    """What is kept of a key: the hash that finds it, the beginning that tells it from others."""

    key_hash: str
    prefix: str


def print_of(text: str) -> Print:
    """What is kept of a key that exists already. Raises `FieldErrors` for what can be none.

    Of a short one less is kept in sight, so that nobody guesses the rest.
    """
    fits = SHORTEST <= len(text) <= LONGEST and text.isprintable() and text == text.strip()
    if not fits or text.lower() in NO_KEY:
        raise FieldErrors({"key": LENGTH.said(least=SHORTEST, most=LONGEST)})
    return Print(hash_of(text), text[: min(PREFIX, len(text) // 4)])


def make(
    customer: Customer, name: str, *, by: User | None, now: datetime, key: str | None = None
) -> tuple[ApiKey, str]:
    """A new key, and its text, which nobody can be shown again.

    Customers make their own; None is the operator. `key` is one that exists already, brought over
    from another panel. Raises `FieldErrors` or `NotAllowed`.
    """
    if by is not None and customer.user_id != by.pk:
        raise NotAllowed(_("Only the client makes keys of theirs."))
    name = name.strip()
    text = secrets.token_hex(KEY_BYTES) if key is None else key.strip()
    kept = print_of(text)
    with sql.short_transaction():
        _check(customer, name, kept)
        made = ApiKey.objects.create(
            customer=customer,
            name=name,
            prefix=kept.prefix,
            key_hash=kept.key_hash,
            created_at=now,
            created_by=by,
        )
        told = {"name": name, "prefix": made.prefix}
        auditing.record(by, "api_key.made", customer, {}, told, at=now)
    return made, text


def _check(customer: Customer, name: str, kept: Print) -> None:
    if not name:
        raise FieldErrors({"name": _("Say what uses it, such as the name of your shop.")})
    if len(name) > 60:
        raise FieldErrors({"name": _("At most 60 characters.")})
    # One customer at a time, so that the count below holds.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if of(customer).count() >= MOST:
        raise FieldErrors(
            {"name": _("%(most)s keys at most; revoke one that is not used.") % {"most": MOST}}
        )
    if ApiKey.objects.filter(key_hash=kept.key_hash).exists():
        raise FieldErrors({"key": _("This key is in use already.")})


def revoke(key: ApiKey, *, by: User | None, now: datetime) -> None:
    """Close a key for good. By its customer, by staff who see them, by the operator.

    Raises `StateChanged` when it is closed already, `NotAllowed`.
    """
    if by is not None:
        persons.require_sight(by, key.customer)
    with sql.short_transaction():
        acting = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
        if not acting.update(revoked_at=now, revoked_by=by):
            raise StateChanged(_("This key was revoked already."))
        told = {"name": key.name, "prefix": key.prefix}
        auditing.record(by, "api_key.revoked", key.customer, told, {}, at=now)


_ACTING = (
    "SELECT k.id, k.customer_id, k.last_used_at, u.is_active AS may_sign_in"
    " FROM orders_apikey k JOIN orders_customer c ON c.id = k.customer_id"
    " LEFT JOIN orders_user u ON u.id = c.user_id"
    " WHERE k.key_hash = %s AND k.revoked_at IS NULL"
)


def find(text: str) -> ApiKey | None:
    """The acting key with this text. One query, spelled out: every call of a program begins with
    it, and most need nothing more of the key or its customer."""
    if not text or len(text) > LONGEST:
        return None
    return next(iter(ApiKey.objects.raw(_ACTING, [hash_of(text)])), None)


def is_suspended(key: ApiKey) -> bool:
    """Whether a key that was found is of a customer whose sign-in is switched off."""
    may_sign_in: bool | None = getattr(key, "may_sign_in", None)
    return may_sign_in is not None and not may_sign_in


def note_use(key: ApiKey, address: str | None, *, now: datetime) -> None:
    """Keep when and from where it was last used: once a minute, and never at a call's cost."""
    if key.last_used_at is not None and key.last_used_at > now - USE_NOTED_EVERY:
        return
    older = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    try:
        found = ApiKey.objects.filter(older, pk=key.pk)
        found.update(last_used_at=now, last_used_from=address)
    except OperationalError as error:
        if not sql.is_lock_timeout(error):
            raise


def allow_repeats(customer: Customer, allowed: bool, *, by: User | None, now: datetime) -> None:
    """Whether programs may order the very same twice within a minute. Raises `NotAllowed`."""
    if by is not None:
        persons.require_sight(by, customer)
    with sql.short_transaction():
        other = Customer.objects.filter(pk=customer.pk, repeats_ok=not allowed)
        if other.update(repeats_ok=allowed):
            before, after = {"repeats_ok": not allowed}, {"repeats_ok": allowed}
            auditing.record(by, "customer.repeats", customer, before, after, at=now)
    customer.repeats_ok = allowed


def hash_of(text: str) -> str:
    """What the database keeps of a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
