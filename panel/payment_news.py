"""Where gateways tell us of payments: a signature takes the place of a sign-in."""

import structlog
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders import topups
from orders.enums import PaymentKind
from orders.gateways import BadNews
from orders.models import PaymentMethod

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
MOST_BAD = 60
"""Unsigned news that one way to pay may get in a minute before it is not even read."""


@csrf_exempt
@require_POST
def hear(request: HttpRequest, number: int) -> HttpResponse:
    """Take news of one way to pay. 200: understood, and not to be told again."""
    checkouts = PaymentMethod.objects.exclude(kind=PaymentKind.MANUAL)
    method = get_object_or_404(checkouts, pk=number)
    bad = f"payment-news-bad:{number}:{timezone.now():%H%M}"
    if cache.get(bad, 0) >= MOST_BAD:
        return HttpResponse(status=429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse("Too long.", status=413, content_type="text/plain")
    try:
        done = topups.hear(method, request.body, request.headers, timezone.now())
    except BadNews as error:
        cache.get_or_set(bad, 0, 120)
        cache.incr(bad)
        log.warning("payment_news.bad", method=number, reason=str(error))
        return HttpResponse(str(error), status=400, content_type="text/plain")
    log.info("payment_news.heard", method=number, outcome=done)
    return HttpResponse(done, content_type="text/plain")
