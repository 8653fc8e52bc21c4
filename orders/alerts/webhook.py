"""Posting an alert to an address that somebody typed: once, briefly, and only to the outside."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from orders import addresses
from orders.enums import WebhookShape
from orders.kept_words import Sentence
from orders.upstream.redact import Redactor
from orders.upstream.transport import Transport
from orders.upstream.wire import Attempt, Limits, Wire

ANSWERED = Sentence(gettext_noop("It answered %(status)s: “%(words)s”."))
ANSWERED_ONLY = Sentence(gettext_noop("It answered %(status)s."))

LIMITS = Limits(connect=4, read=5, total=8)
ANSWER_BYTES = 16 * 1024
SAID = 120
"""So much of an answer that says no is shown."""


@dataclass(frozen=True)
class Note:
    """What is told, in parts for receivers that want parts. `sign` is what is the matter."""

    title: str
    text: str
    event: str
    kind: str
    subject: str = ""


@dataclass(frozen=True)
class Hook:
    """Where to post and in which shape. The address is a secret."""

    url: str = field(repr=False)
    shape: str
    telegram_chat: str = ""


def post(hook: Hook, note: Note, *, ca_file: str = "") -> str:
    """Post it; returns "" or why it was not taken, without the address. Never raises.

    One request on a connection of its own, no redirects, no library's retries, a deadline for the
    whole, and no proxy from the environment: `Transport` is the one that also speaks to providers.
    """
    transport = Transport(hook.url, ca_file=ca_file, content_type="application/json")
    try:
        wire = transport.send_once(
            body(hook, note), Attempt(LIMITS, may_reach=may_reach), ANSWER_BYTES
        )
    finally:
        transport.close()
    return _verdict(wire, hook)


def body(hook: Hook, note: Note) -> bytes:
    """The request's body."""
    whole = f"{note.title}\n{note.text}"
    if hook.shape == WebhookShape.SLACK:
        # Slack reads <!channel> and its kin as commands unless these three are written so.
        for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            whole = whole.replace(sign, written)
        return _json({"text": whole})
    if hook.shape == WebhookShape.TELEGRAM:
        return _json({"chat_id": hook.telegram_chat, "text": whole[:4096]})
    parts = {"event": note.event, "alarm": note.kind, "subject": note.subject}
    return _json(parts | {"title": note.title, "text": note.text})


def may_reach(address: str) -> bool:
    """Asked about each address that the host's name stands for, right before connecting."""
    return settings.PRIVATE_WEBHOOKS or addresses.is_public(address)


def _json(values: dict[str, str]) -> bytes:
    return json.dumps(values).encode()


def _verdict(wire: Wire, hook: Hook) -> str:
    if wire.failure and not (wire.failure == "too_large" and _is_good(wire.status)):
        return _WORDS.get(wire.failure, gettext_noop("Its answer was not readable."))
    if _is_good(wire.status):
        return ""
    if wire.status and 300 <= wire.status < 400:
        return gettext_noop("Its address leads elsewhere. Paste the one that it leads to.")
    parts = urlsplit(hook.url)
    said = Redactor(f"{parts.path}{'?' if parts.query else ''}{parts.query}").body(wire.body)
    said = " ".join(Redactor(hook.url).text(said).split())[:SAID]
    if said:
        return ANSWERED.of(status=wire.status, words=said)
    return ANSWERED_ONLY.of(status=wire.status)


def _is_good(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


_WORDS = {
    "dns": gettext_noop("There is no host of this name."),
    "connect": gettext_noop("It cannot be reached."),
    "tls": gettext_noop("It has no valid certificate; nothing was sent."),
    "forbidden": gettext_noop(
        "Its name stands for an address inside your own network; nothing was sent."
    ),
    "request": gettext_noop("This address cannot be used."),
    "late": gettext_noop("It could not be reached in time."),
    "timeout": gettext_noop("It did not answer in time."),
    "reset": gettext_noop("It broke the connection off."),
    "too_large": gettext_noop("Its answer was too large."),
}
