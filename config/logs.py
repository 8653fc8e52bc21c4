"""Logs: structlog and the standard library's loggers leave through one handler, in one shape."""

import importlib.util
import re
from typing import Any

import structlog

_TRACKING_KEY = re.compile(r"(/t/)[^/\s?\"']+")


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


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    without_request,
    without_tracking_keys,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure(log_format: str, level: str) -> dict[str, Any]:
    """Set structlog up; return Django's `LOGGING`. `log_format` is "json" or "console"."""
    structlog.configure(
        processors=[
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED_PROCESSORS,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_renderer(log_format),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"halfpenny": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "halfpenny"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Django gives it a handler of its own, which would write addresses as they are.
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Talkative, and what it says may hold an address with its query.
            "urllib3": {"level": "WARNING"},
            # Each task says in one line of its own how it went.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }


def _renderer(log_format: str) -> list[Any]:
    if log_format == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ]
    # Plain tracebacks: the rich ones print local variables, and those may hold a key.
    return [
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    ]


def start_sentry(dsn: str, environment: str) -> None:
    """Report errors to Sentry, if the package is installed, without anybody's data."""
    if importlib.util.find_spec("sentry_sdk") is None:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_without_query,
    )


def _without_query(event: Any, _hint: Any) -> Any:
    request = event.get("request", {})
    for name in ("query_string", "cookies", "headers", "data"):
        request.pop(name, None)
    return without_keys(event)
