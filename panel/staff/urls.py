"""Addresses of the staff's pages."""

from django.urls import path

from panel.staff import components
from panel.staff.clients import client_statement, clients
from panel.staff.followups import cancellations, refills
from panel.staff.orders import bulk, order, order_note, order_posts, orders
from panel.staff.overview import overview
from panel.staff.people import people
from panel.staff.providers import providers, sync_runs
from panel.staff.reviews import review, review_together
from panel.staff.sale import new_order
from panel.staff.services import choose, decisions, repoint, services
from panel.staff.setup import setup, setup_prices
from panel.staff.tills import tills

app_name = "staff"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("orders/", orders.orders, name="orders"),
    path("orders/bulk/", bulk.bulk, name="bulk_orders"),
    path("orders/new/", new_order.new_order, name="new_order"),
    path("orders/<int:number>/", order.order, name="order"),
    path("orders/<int:number>/cancel/", order_posts.cancel, name="cancel_order"),
    path("orders/<int:number>/refill/", order_posts.refill, name="refill_order"),
    path("orders/<int:number>/hold/", order_posts.hold, name="hold_order"),
    path("orders/<int:number>/release/", order_posts.release, name="release_order"),
    path("orders/<int:number>/allow-loss/", order_posts.allow_loss, name="allow_loss"),
    path("orders/<int:number>/note/", order_note.note, name="note_order"),
    path("orders/<int:number>/tracking/", order_posts.track, name="track_order"),
    path("orders/<int:number>/tracking/stop/", order_posts.stop_tracking, name="stop_tracking"),
    path("orders/<int:number>/tracking/anew/", order_posts.track_anew, name="track_anew"),
    path("review/", review.queue, name="review"),
    path("review/<int:number>/", review.case, name="case"),
    path("review/<int:number>/together/", review_together.together, name="decide_together"),
    path("refills/", refills.refills, name="refills"),
    path("refills/<int:number>/settle/", refills.settle, name="settle_refill"),
    path("cancellations/", cancellations.cancellations, name="cancellations"),
    path("cancellations/<int:number>/settle/", cancellations.settle, name="settle_cancellation"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new_client, name="new_client"),
    path("clients/<int:number>/", clients.client, name="client"),
    path("clients/<int:number>/change/", clients.change_client, name="change_client"),
    path("clients/<int:number>/sign-in/", clients.client_sign_in, name="client_sign_in"),
    path("clients/<int:number>/statement/", client_statement.show, name="client_statement"),
    path("clients/<int:number>/statement.csv", client_statement.sheet, name="client_sheet"),
    path("clients/<int:number>/money/<slug:act>/", clients.client_money, name="client_money"),
    path("services/", services.services, name="services"),
    path("services/decisions/", decisions.decisions, name="decisions"),
    path("services/decisions/costs/", decisions.decide_costs, name="decide_costs"),
    path(
        "services/decisions/removals/<int:number>/",
        decisions.decide_removals,
        name="decide_removals",
    ),
    path("services/<int:number>/drop-price/", decisions.drop_fixed_price, name="drop_fixed_price"),
    path("services/choose/", choose.choose, name="choose"),
    path("services/choose/set/", choose.choose_set, name="choose_set"),
    path("services/<int:number>/", services.service, name="service"),
    path("services/<int:number>/hide/", services.hide, name="hide_service"),
    path("services/<int:number>/show/", services.show, name="show_service"),
    path("services/<int:number>/pause/", services.pause, name="pause_service"),
    path("services/<int:number>/resume/", services.resume, name="resume_service"),
    path("services/<int:number>/accept/", services.accept, name="accept_cost"),
    path("services/<int:number>/buy-elsewhere/", repoint.repoint, name="repoint"),
    path("services/<int:number>/describe/", services.describe, name="describe_service"),
    path("tills/", tills.tills, name="tills"),
    path("tills/drop/", tills.drop, name="drop"),
    path("tills/<int:number>/", tills.till, name="till"),
    path("tills/<int:number>/drop/", tills.drop_from, name="drop_from"),
    path("tills/<int:number>/count/", tills.count_for, name="count_for"),
    path("tills/count/", tills.count, name="count_till"),
    path("tills/closings/<int:number>/confirm/", tills.confirm, name="confirm_closing"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_member, name="new_member"),
    path("people/<int:number>/", people.member, name="member"),
    path("people/<int:number>/change/", people.change_member, name="change_member"),
    path("people/<int:number>/markup/", people.member_markup, name="member_markup"),
    path("people/<int:number>/off/", people.switch_off_member, name="switch_off_member"),
    path("people/<int:number>/on/", people.switch_on_member, name="switch_on_member"),
    path("people/<int:number>/link/", people.member_link, name="member_link"),
    path("providers/", providers.providers, name="providers"),
    path("providers/new/", providers.new_provider, name="new_provider"),
    path("providers/<int:number>/", providers.provider, name="provider"),
    path("providers/<int:number>/change/", providers.change_provider, name="change_provider"),
    path("providers/<int:number>/key/", providers.change_key, name="change_key"),
    path("providers/<int:number>/do/<slug:act>/", providers.act, name="provider_act"),
    path("providers/panel/<slug:act>/", providers.panel_act, name="panel_act"),
    path("providers/<int:number>/runs/", sync_runs.runs, name="sync_runs"),
    path("providers/runs/<int:number>/", sync_runs.run, name="sync_run"),
    path("setup/", setup.setup, name="setup"),
    path("setup/panel/", setup.setup_panel, name="setup_panel"),
    path("setup/provider/", setup.setup_provider, name="setup_provider"),
    path("setup/provider/test/", setup.setup_trial, name="setup_trial"),
    path("setup/catalog/", setup.setup_catalog, name="setup_catalog"),
    path("setup/prices/", setup_prices.setup_prices, name="setup_prices"),
    path("setup/staff/", setup.setup_staff, name="setup_staff"),
    path("setup/order/", setup.setup_order, name="setup_order"),
    path("setup/done/", setup.setup_done, name="setup_done"),
    path("components/", components.components, name="components"),
]
