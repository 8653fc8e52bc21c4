"""From a stored order to the parameters of `add`."""

from collections.abc import Mapping

from orders.service_types.declaration import ServiceType, Value


def parameters(
    service_type: ServiceType, values: Mapping[str, Value], upstream_service_id: str
) -> dict[str, str]:
    """Exactly what is sent to `add` besides key and action; lists are joined by newlines."""
    declared = (field.name for field in service_type.fields if field.name in values)
    return {"service": upstream_service_id} | {name: _text(values[name]) for name in declared}


def _text(value: Value) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)
