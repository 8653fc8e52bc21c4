"""What can come of a request, as exception classes, and what was seen on the wire.

Sending actions (`add`, `refill`, `cancel`) end in an answer or in exactly one of `NotSent`,
`Refused`, `AnswerUnknown`; reading actions in an answer or in `ReadFailed`.
"""

from dataclasses import dataclass

from orders.enums import RefusalFamily


@dataclass(frozen=True)
class Exchange:
    """What was seen on the wire, the key cut out, fit to be stored as evidence.

    `body` holds the first 2000 characters of the answer, `body_bytes` counts the bytes that came;
    `written` says whether the first byte of the request was handed to the system.
    """

    http_status: int | None
    body: str
    body_bytes: int
    elapsed_ms: int
    written: bool


class UpstreamError(Exception):
    """A request did not bring an answer that says yes."""

    def __init__(self, message: str, *, reason: str, exchange: Exchange | None = None):
        super().__init__(message)
        self.reason = reason
        self.exchange = exchange


class NotSent(UpstreamError):
    """Not a byte of the request was written; it may be sent again later.

    `reason` is `dns`, `connect`, `tls`, `late` (the moment to send by had passed) or `request`
    (we could not even make it, such as a malformed address).
    """

    def __init__(self, reason: str, exchange: Exchange | None = None):
        super().__init__(f"Not sent: {reason}.", reason=reason, exchange=exchange)


class Refused(UpstreamError):
    """The provider said no, in words of a known family; nothing was created."""

    def __init__(self, family: RefusalFamily, text: str, exchange: Exchange | None = None):
        super().__init__(f"Refused ({family.value}): {text}", reason="error", exchange=exchange)
        self.family = family
        self.text = text


class AnswerUnknown(UpstreamError):
    """The request was written and no answer says what became of it. Never send it again.

    `reason` is `timeout`, `reset`, `html`, `empty`, `noise`, `redirect`, `too_large`,
    `server_error`, `generic_error`, `no_order`, `no_answer` or `internal`.
    """

    def __init__(self, reason: str, exchange: Exchange | None = None):
        super().__init__(f"The answer is not known: {reason}.", reason=reason, exchange=exchange)


class ReadFailed(UpstreamError):
    """A reading action brought nothing; it may be asked again.

    `reason` as in `NotSent` and `AnswerUnknown`, `no_balance`, or `error` when the provider
    answered with an error: then `text` holds its words and `family` what they are about, when
    that is known.
    """

    def __init__(
        self,
        reason: str,
        exchange: Exchange | None = None,
        *,
        family: RefusalFamily | None = None,
        text: str = "",
    ):
        super().__init__(f"Reading failed: {text or reason}", reason=reason, exchange=exchange)
        self.family = family
        self.text = text


class Unreadable(ReadFailed):
    """An answer came, but it is not what the action should bring."""
