"""Addresses of the customers' pages."""

from django.urls import path

from panel.customer import order, orders

app_name = "my"
urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:number>/", order.order, name="order"),
    path("orders/<int:number>/cancel/", order.cancel, name="cancel_order"),
    path("orders/<int:number>/refill/", order.refill, name="refill_order"),
]
