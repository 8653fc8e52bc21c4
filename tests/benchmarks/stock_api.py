"""The API's answer about many orders as one would first write it: model objects, stock JSON.

Keys, limits and parameters are the product's; only the answer is made the usual way. An address
book of its own, which a request may name as its `urlconf`.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from orders import statuses
from orders.enums import OrderStatus
from orders.models import Order
from panel.api.caller import caller
from panel.api.ids import ids
from panel.api.parsing import parameters
from panel.api_rows import figure


@csrf_exempt
def status(request: HttpRequest) -> JsonResponse:
    """How orders stand."""
    said = parameters(request)
    who = caller(request, said, timezone.now())
    asked = ids(said, "order")
    orders = Order.objects.filter(customer=who.customer_id, pk__in=asked.numbers)
    found = {str(order.pk): _standing(order) | {"currency": who.panel.currency} for order in orders}
    return JsonResponse(
        {word: found.get(word) or {"error": "Incorrect order ID"} for word in asked.words}
    )


def _standing(order: Order) -> dict[str, Any]:
    word = statuses.api_word(order.status)
    remains = order.remains
    if remains is None:
        done = order.status == OrderStatus.COMPLETED
        remains = 0 if done else order.delivery_total or order.quantity
    return {
        "charge": "0" if word == "Canceled" else figure(order.price - order.refunded),
        "start_count": str(order.start_count or 0),
        "status": word,
        "remains": str(max(remains, 0)),
    }


urlpatterns = [path("api/v2", status)]
