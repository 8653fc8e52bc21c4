"""API v2 as an OpenAPI 3.1 document, told from the declarations of the service types.

One address takes every action, so its body is one of several forms, told apart by `action`. Each
form names its answer (`x-answer`), since OpenAPI has one list of answers for an address.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from orders import service_types
from orders.service_types import Field, ServiceType, example
from orders.service_types.reference import LEAST_SHOWN, about
from orders.statuses.readings import API_WORDS, REFILL_API_WORDS
from orders.statuses.subscriptions import Standing
from panel import api_errors

Schema = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
TEXT: Schema = {"type": "string"}
IDS = "Up to 100 numbers with commas between them."


def document() -> Schema:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "API v2",
            "version": "2",
            "description": "Every answer has HTTP status 200; one that failed is an Error. "
            "docs/api.md tells what each action does.",
        },
        "paths": {"/api/v2": {"get": _reading(), "post": _any()}},
        "components": {"schemas": _by_action(_forms()) | _forms() | _answers()},
    }


def written() -> str:
    """`docs/openapi.json`."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _any() -> Schema:
    forms = _forms()
    mapping = {action: _ref(action) for action in _by_action(forms)}
    body = {
        "anyOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": "action", "mapping": mapping},
    }
    return {
        "operationId": "call",
        "requestBody": {"required": True, "content": {FORM: {"schema": body}}},
        "responses": _responses(forms.values()),
    }


def _reading() -> Schema:
    """What only reads may also come as a query."""
    forms = {name: form for name, form in _forms().items() if form["x-reads"]}
    asked: dict[str, Schema] = {}
    for form in forms.values():
        asked |= form["properties"]
    asked["action"] = {"enum": sorted(_by_action(forms))}
    return {
        "operationId": "read",
        "parameters": [
            {"name": name, "in": "query", "required": name in ("key", "action"), "schema": schema}
            for name, schema in asked.items()
        ],
        "responses": _responses(forms.values()),
    }


def _by_action(forms: Mapping[str, Schema]) -> dict[str, Schema]:
    """Each action as one of its forms."""
    found: dict[str, list[Schema]] = {}
    for name, form in forms.items():
        action = form["properties"]["action"]["const"]
        found.setdefault(action, []).append({"$ref": _ref(name)})
    return {action: {"anyOf": refs} for action, refs in found.items()}


def _responses(forms: Iterable[Schema]) -> Schema:
    answers = dict.fromkeys(form["x-answer"] for form in forms)
    every = [{"$ref": _ref(name)} for name in ("Error", *answers)]
    content = {"application/json": {"schema": {"anyOf": every}}}
    return {"200": {"description": "What was asked for, or an Error.", "content": content}}


def _forms() -> dict[str, Schema]:
    """What can be asked, by the names of the forms."""
    return {
        "AskServices": _form("services", "ServiceList", reads=True),
        **{f"Add-{kind.slug}": _add(kind) for kind in service_types.ALL if kind.orderable},
        "AskStatus": _about("status", "order", "OrderStatus", reads=True),
        "AskStatuses": _about("status", "orders", "OrderStatuses", reads=True),
        "AskRefill": _about("refill", "order", "RefillAsked"),
        "AskRefills": _about("refill", "orders", "RefillsAsked"),
        "AskRefillStatus": _about("refill_status", "refill", "RefillState", reads=True),
        "AskRefillStatuses": _about("refill_status", "refills", "RefillStates", reads=True),
        "AskCancel": _about("cancel", "orders", "Canceled"),
        "AskBalance": _form("balance", "Wallet", reads=True),
    }


def _form(
    action: str,
    answer: str,
    more: Mapping[str, Schema] | None = None,
    *,
    reads: bool = False,
    optional: Iterable[str] = (),
) -> Schema:
    key = {**TEXT, "description": "Of the page API; or as Authorization: Bearer."}
    properties = {"key": key, "action": {"const": action}, **(more or {})}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in set(optional)],
        "additionalProperties": False,
        "x-answer": answer,
        "x-reads": reads,
    }


def _about(action: str, name: str, answer: str, *, reads: bool = False) -> Schema:
    is_list = name.endswith("s")
    ids = {**TEXT, "pattern": r"^[0-9]{1,18}(,[0-9]{1,18}){0,99}$", "description": IDS}
    return _form(action, answer, {name: ids if is_list else _number("")}, reads=reads)


def _add(kind: ServiceType) -> Schema:
    fields = {field.name: _field(field) for field in kind.fields}
    request_id = {**TEXT, "description": "Any text of yours: a repeat gets the first order."}
    form = _form(
        "add",
        "Added",
        {"service": _number("A service of this type."), **fields, "request_id": request_id},
        optional=["request_id", *(field.name for field in kind.fields if not field.required)],
    )
    form["title"], form["description"] = kind.name, f"Billed: {kind.billed_by}"
    form["examples"] = [{"action": "add", "service": 1, **example(kind, LEAST_SHOWN)}]
    form["dependentRequired"] = {
        one: [other]
        for one, other in (("runs", "interval"), ("interval", "runs"))
        if {one, other} <= fields.keys()
    }
    if conditions := [_condition(field) for field in kind.fields if field.required_if]:
        form["allOf"] = conditions
    return form


def _condition(field: Field) -> Schema:
    other, wanted = field.required_if or ("", "")
    asked = {"properties": {other: {"const": wanted}}, "required": [other]}
    return {"if": asked, "then": {"required": [field.name]}}


def _field(field: Field) -> Schema:
    schema: Schema = {**TEXT, "description": about(field)}
    match field.kind:
        case "quantity":
            schema = _number(about(field)) | {"minimum": 1}
        case "number":
            schema = _number(about(field)) | {"minimum": field.least, "maximum": field.most}
        case "choice":
            schema["enum"] = [value for value, _ in field.choices]
        case "date":
            schema["pattern"] = "^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$"
        case "lines":
            schema["minLength"] = 1
    return schema


def _number(said: str) -> Schema:
    number: Schema = {"type": "integer", "minimum": 0}
    return number | ({"description": said} if said else {})


def _answers() -> dict[str, Schema]:
    plain: Schema = {**TEXT, "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    count: Schema = {**TEXT, "pattern": "^[0-9]+$"}
    id: Schema = {"type": ["integer", "string"]}
    error = {"$ref": _ref("Error")}
    status = {"enum": sorted({*API_WORDS.values(), *(word.value for word in Standing)})}
    state = {"enum": sorted(set(REFILL_API_WORDS.values()))}
    service = {
        "service": {"type": "integer"},
        "name": TEXT,
        "type": TEXT,
        "category": TEXT,
        "rate": plain,
        "min": count,
        "max": count,
        "refill": {"type": "boolean"},
        "cancel": {"type": "boolean"},
    }
    standing = {
        "charge": plain,
        "start_count": count,
        "status": status,
        "remains": count,
        "currency": {**TEXT, "pattern": "^[A-Z]{3}$"},
    }
    return {
        "Error": _object(
            {"error": {**TEXT, "examples": [text for text, _ in api_errors.MEANINGS]}}
        ),
        "ServiceList": _list(service),
        "Added": _object({"order": {"type": "integer"}}),
        "OrderStatus": _object(standing),
        "OrderStatuses": {
            "type": "object",
            "additionalProperties": {"anyOf": [{"$ref": _ref("OrderStatus")}, error]},
            "not": {"required": ["error"]},
        },
        "RefillAsked": _object({"refill": count}),
        "RefillsAsked": _list({"order": id, "refill": {"anyOf": [{"type": "integer"}, error]}}),
        "RefillState": _object({"status": state}),
        "RefillStates": _list({"refill": id, "status": {"anyOf": [state, error]}}),
        "Canceled": _list({"order": id, "cancel": {"anyOf": [{"const": 1}, error]}}),
        "Wallet": _object({"balance": plain, "currency": standing["currency"]}),
    }


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "array", "items": _object(properties)}


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"
