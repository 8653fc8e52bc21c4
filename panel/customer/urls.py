"""Addresses of the customers' pages."""

from django.urls import path

from panel.customer import (
    conversation,
    notices,
    order,
    orders,
    services,
    top_up,
    wallet,
)
from panel.customer.api import pages as api
from panel.customer.sale import many, new_order

app_name = "my"
urlpatterns = [
    path("", new_order.home, name="home"),
    path("new/", new_order.new_order, name="new_order"),
    path("new/many/", many.mass_orders, name="mass_orders"),
    path("new/many/<int:number>/", many.mass_order, name="mass_order"),
    path("new/many/<int:number>.csv", many.sheet, name="mass_order_sheet"),
    path("services/", services.services, name="services"),
    path("services/<int:number>/star/", services.star, name="star_service"),
    path("wallet/", wallet.wallet, name="wallet"),
    path("wallet/sheet/", wallet.sheet, name="wallet_sheet"),
    path("orders/", orders.orders, name="orders"),
    path("orders/sheet/", orders.sheet, name="orders_sheet"),
    path("orders/<int:number>/", order.order, name="order"),
    path("orders/<int:number>/cancel/", order.cancel, name="cancel_order"),
    path("orders/<int:number>/message/", conversation.write, name="write_message"),
    path("orders/<int:number>/refill/", order.refill, name="refill_order"),
    path("e-mails/", notices.choose, name="notices"),
    path("top-up/", top_up.top_up, name="top_up"),
    path("top-ups/", top_up.top_ups, name="top_ups"),
    path("top-up/<int:number>/", top_up.asked, name="asked_top_up"),
    path("top-up/<int:number>/withdraw/", top_up.withdraw, name="withdraw_top_up"),
    path("api/", api.api, name="api"),
    path("api/keys/", api.make_key, name="make_key"),
    path("api/keys/<int:number>/revoke/", api.revoke_key, name="revoke_key"),
    path("api/repeats/", api.repeats, name="repeats"),
]
