"""Logs: structlog and the standard library's loggers leave through one handler, in one shape."""

import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import structlog

_TRACKING_KEY = re.compile(r"(/t/|/join/|/reset/key/|/confirm-email/)[^/\s?\"']+")


def without_keys(value: Any) -> Any:
    """The same text, mapping or sequence without the keys of tracking addresses in it."""
    if isinstance(value, str):
        return _TRACKING_KEY.sub(r"\1…", value)
    if isinstance(value, dict):
        return {name: without_keys(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_keys(inner) for inner in value]
    if isinstance(value, tuple):
        return tuple(without_keys(inner) for inner in value)
    return value


def without_tracking_keys(logger: Any, method: str, event: Any) -> Any:
    """Whoever reads a log must not be able to open what customers follow their orders with."""
    return without_keys(event)


def without_request(logger: Any, method: str, event: Any) -> Any:
    """Django hands the request to its log lines, and that writes its address with the query."""
    event.pop("request", None)
    return event


current_request: ContextVar[Any] = ContextVar("current_request", default=None)
"""The request that this thread answers; `config/log_context.py` sets it."""


def with_person(logger: Any, method: str, event: Any) -> Any:
    """Add who is signed in, once Django has found it out; asks nobody for it."""
    user = getattr(current_request.get(), "_cached_user", None)
    if user is not None and user.pk is not None:
        event.setdefault("person", user.pk)
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    with_person,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    without_request,
    without_tracking_keys,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]

PROCESSORS: list[Any] = [*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
"""One list for ever: loggers that have spoken keep it, and whoever listens puts an ear into it."""


def format_of(environment: Mapping[str, str]) -> str:
    """What `LOG_FORMAT` says, or goes without saying: JSON in production."""
    usual = "json" if environment.get("HALFPENNY_ENV") == "production" else "console"
    return environment.get("LOG_FORMAT") or usual


def formatter(log_format: str) -> logging.Formatter:
    """What gives every line its shape, also those of other people's code."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED_PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_renderer(log_format),
        ],
    )


def configure(log_format: str, level: str) -> dict[str, Any]:
    """Set structlog up; return Django's `LOGGING`. `log_format` is "json" or "console"."""
    structlog.configure(
        processors=PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"halfpenny": {"()": formatter, "log_format": log_format}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "halfpenny"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Django gives it a handler of its own, which would write addresses as they are.
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # At DEBUG it writes a page's whole context for each variable that is not there.
            "django.template": {"level": "INFO"},
            # Talkative, and what it says may hold an address with its query.
            "urllib3": {"level": "WARNING"},
            # Each task says in one line of its own how it went.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }


def _renderer(log_format: str) -> list[Any]:
    # Plain tracebacks: the rich ones print local variables, and those may hold a key.
    console = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    return [
        structlog.processors.format_exc_info,
        without_tracking_keys,  # once more: what an exception says is text only now
        structlog.processors.JSONRenderer(default=str) if log_format == "json" else console,
    ]
