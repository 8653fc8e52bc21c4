"""Who may open a page. Every view begins with a fetch that has decided this."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from orders.models import Customer, User
from orders.people import Person, PersonKind, person_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person(request: HttpRequest) -> Person:
    """Who is asking, worked out once a request."""
    known = getattr(request, "person", None)
    if known is None:
        known = person_of(request.user)
        request.person = known  # type: ignore[attr-defined]
    return known


def user(request: HttpRequest) -> User:
    """The signed-in user of a view behind one of the decorators below."""
    return cast(User, request.user)


def customer(request: HttpRequest) -> Customer:
    """The customer of a view behind `customer_required`."""
    found = person(request).customer
    assert found is not None  # the decorator lets nobody else in
    return found


def _only(*, allowed: Callable[[Person], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if person(request).kind is PersonKind.NOBODY:
                return redirect_to_login(request.get_full_path())
            if not allowed(person(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapper

    return decorate


staff_required: Callable[[View[Any]], View[Any]] = _only(allowed=lambda who: who.is_staff)
"""Staff, admins and the owner."""

cost_required: Callable[[View[Any]], View[Any]] = _only(
    allowed=lambda who: who.is_staff and who.sees_cost
)
"""Staff who see costs and providers, admins and the owner."""

admin_required: Callable[[View[Any]], View[Any]] = _only(allowed=lambda who: who.is_admin)
"""Admins and the owner."""

customer_required: Callable[[View[Any]], View[Any]] = _only(
    allowed=lambda who: who.kind is PersonKind.CUSTOMER
)
"""A customer with a sign-in."""
