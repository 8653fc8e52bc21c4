"""The one address that customers' programs speak to. It answers 200 and JSON, whatever happens."""

from typing import Any

import msgspec
import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from structlog.contextvars import bind_contextvars

from orders.errors import Declined
from panel.api.actions import ACTIONS, Answer
from panel.api.caller import caller
from panel.api.parsing import parameters
from panel.api.refusals import Refusal, text_of
from panel.api_errors import BROKEN, REQUEST

log = structlog.get_logger(__name__)


@csrf_exempt
def endpoint(request: HttpRequest) -> HttpResponse:
    """API v2. Clients read the body, not the HTTP status, so errors have 200 as well.

    Programs parse it: whoever asks, it is English.
    """
    answer: Answer
    try:
        with translation.override("en"):
            answer = _answer(request)
    except (Refusal, Declined) as no:
        answer = {"error": text_of(no)}
    except Exception:
        # Clients stumble over a page; the error itself goes where all errors go.
        log.exception("api.broken")
        answer = {"error": BROKEN}
    return _json(answer)


def _answer(request: HttpRequest) -> Answer:
    said = parameters(request)
    who = caller(request, said, timezone.now())
    bind_contextvars(client=who.customer_id, api_key=who.key.pk)
    action = ACTIONS.get(said.get("action", ""))
    if action is None or request.method not in (("GET", "POST") if action.reads else ("POST",)):
        raise Refusal(REQUEST)
    return action.run(who, said)


def _json(answer: Any) -> HttpResponse:
    body = msgspec.json.encode(answer)
    return HttpResponse(
        body, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
