"""What `components/field.html` needs to draw one field of a Django form."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

OPTIONS = ("label", "limits", "hint", "affix", "kind", "counter", "shown_if")
TYPE_AGAIN = _("Type this once more: what is secret is never sent back in a page.")


def context(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    """Sort the tag's options into parts of the field and attributes of its input."""
    parts = {name: options.pop(name, getattr(bound.field, name, None)) for name in OPTIONS}
    if parts["hint"] is not None:
        bound.help_text = parts["hint"]  # from here Django ties it to the input
    if _is_to_type_again(bound):
        bound.help_text = TYPE_AGAIN
    attrs = {name.replace("_", "-"): value for name, value in options.items()}
    shape = _shape(bound, parts["kind"])
    return {
        "field": bound,
        "shape": shape,
        "id": bound.id_for_label or bound.auto_id,
        "label": parts["label"] or bound.label,
        "limits": parts["limits"],
        "affix": parts["affix"],
        "counter": parts["counter"],
        "shown_if": parts["shown_if"],
        "control": _control(bound, shape, attrs),
    }


def _is_to_type_again(bound: BoundField) -> bool:
    """A secret in a form that comes back for another field's sake: its input is empty again."""
    widget = bound.field.widget
    if not isinstance(widget, forms.PasswordInput) or widget.render_value or bound.errors:
        return False
    return bool(bound.data) and any(name != NON_FIELD_ERRORS for name in bound.form.errors)


def _shape(bound: BoundField, kind: Any) -> str:
    widget = bound.field.widget
    if isinstance(widget, forms.HiddenInput):
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "switch" if kind == "switch" else "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "line"


def _control(bound: BoundField, shape: str, attrs: dict[str, Any]) -> SafeString | str:
    if shape == "choices":
        return ""
    css = {"line": "in", "switch": "switch"}.get(shape, "")
    if css:
        others = (attrs.get("class"), bound.field.widget.attrs.get("class"))
        attrs["class"] = " ".join(filter(None, (css, *others)))
    if shape == "switch":
        attrs["role"] = "switch"
    return bound.as_widget(attrs=attrs)
