"""A call written out in the languages that customers' programs are written in."""

import json
import shlex
from collections.abc import Callable, Mapping

KEY = "YOUR_KEY"
"""What stands for the key in every example."""


def curl(url: str, call: Mapping[str, str]) -> str:
    """For a shell."""
    said = {"key": KEY, **call}
    parts = [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in said.items()]
    return " \\\n  ".join([f"curl {shlex.quote(url)}", *parts])


def php(url: str, call: Mapping[str, str]) -> str:
    """PHP with its curl extension."""
    rows = "\n".join(
        f"        {_php(name)} => {_php(value)}," for name, value in {"key": KEY, **call}.items()
    )
    return f"""<?php
$curl = curl_init({_php(url)});
curl_setopt_array($curl, [
    CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => http_build_query([
{rows}
    ]),
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 30,
]);
$answer = json_decode(curl_exec($curl), true);
print_r($answer);"""


def python(url: str, call: Mapping[str, str]) -> str:
    """Python with the package requests."""
    rows = "\n".join(
        f"        {_quoted(name)}: {_quoted(value)},"
        for name, value in {"key": KEY, **call}.items()
    )
    return f"""import requests

answer = requests.post(
    {_quoted(url)},
    data={{
{rows}
    }},
    timeout=30,
).json()
print(answer)"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _php(text: str) -> str:
    return _quoted(text).replace("$", "\\$")


WRITERS: dict[str, tuple[str, Callable[[str, Mapping[str, str]], str]]] = {
    "curl": ("curl", curl),
    "php": ("PHP", php),
    "python": ("Python", python),
}
"""By the word in the address: the label, and what writes a call."""
