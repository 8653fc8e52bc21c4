"""A customer's program for tests: what it holds, and what it sends."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from orders import api_keys
from orders.models import ApiKey, Customer, Service
from tests.support import factories


@dataclass
class Program:
    """Calls the API as most clients do: a form posted to `/api/v2`."""

    customer: Customer
    row: ApiKey
    key: str
    http: Client = field(default_factory=Client)

    def call(self, action: str, **params: Any) -> Any:
        return self.read(self.http.post("/api/v2", {"key": self.key, "action": action, **params}))

    def add(self, service: Service, **params: Any) -> Any:
        sent = {"link": "https://instagram.com/ateliernord", "quantity": "1000"} | params
        return self.call("add", service=service.pk, **sent)

    @staticmethod
    def read(response: Any) -> Any:
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert not response.cookies
        return json.loads(response.content)


def program_of(customer: Customer) -> Program:
    row, key = api_keys.make(customer, "Shop", by=None, now=factories.NOW)
    return Program(customer, row, key)
