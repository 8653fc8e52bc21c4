"""Errors reported to Sentry, if `SENTRY_DSN` says where: what broke, and nobody's data."""

import importlib.util
from collections.abc import Iterable
from functools import partial
from typing import Any

from config.logs import without_keys

HIDDEN = "…"


def start(dsn: str, environment: str, *, secrets: Iterable[str] = (), **options: Any) -> None:
    """Report errors from now on, if the package is installed. `options` are those of Sentry."""
    if importlib.util.find_spec("sentry_sdk") is None:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        # What was asked of whom before it broke: addresses with queries, statements with values.
        max_breadcrumbs=0,
        before_send=partial(scrubbed, secrets=tuple(filter(None, secrets))),
        **options,
    )


def scrubbed(event: Any, hint: Any = None, *, secrets: Iterable[str] = ()) -> Any:
    """The event with the traceback, the path and the person's number, without anything typed."""
    if request := event.get("request"):
        url = str(request.get("url", "")).partition("?")[0]
        event["request"] = {"method": request.get("method", ""), "url": url}
    if user := event.get("user"):
        event["user"] = {"id": user.get("id")}
    for name in ("breadcrumbs", "extra", "server_name", "modules"):
        event.pop(name, None)
    event.get("contexts", {}).pop("celery-job", None)
    for secret in secrets:
        event = _without(event, secret)
    return without_keys(event)


def _without(value: Any, secret: str) -> Any:
    if isinstance(value, str):
        return value.replace(secret, HIDDEN)
    if isinstance(value, dict):
        return {name: _without(inner, secret) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_without(inner, secret) for inner in value)
    return value
