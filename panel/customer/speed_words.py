"""How long a service takes, in words: only what was measured on our own orders."""

from orders.speeds import Speed
from panel.display import about


def starts(speed: Speed) -> str:
    """Such as "in about 5 min"; "" where too few orders tell."""
    return "" if speed.to_start is None else f"in about {about(speed.to_start)}"


def done(speed: Speed) -> str:
    """Such as "in about 3 h 10 min"; "" where too few orders tell."""
    return "" if speed.to_completion is None else f"in about {about(speed.to_completion)}"


def sentence(speed: Speed) -> str:
    """Both in one line: "Usually starts in about 5 min, done in about 40 min"."""
    parts = [("starts", starts(speed)), ("done", done(speed))]
    said = ", ".join(f"{name} {words}" for name, words in parts if words)
    return f"Usually {said}" if said else ""
