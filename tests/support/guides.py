"""Code that the guides show, taken out of them, so that tests run what readers copy."""

import re
import sys
from pathlib import Path
from types import ModuleType

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
GUIDES = ROOT / "docs" / "guides"
_BLOCK = re.compile(r"(?ms)^ *```(\w*)\n(.*?)^ *```$")


def blocks(guide: str, language: str) -> list[str]:
    """The blocks of code of one language in a guide, in order."""
    text = (GUIDES / f"{guide}.md").read_text()
    return [code for kind, code in _BLOCK.findall(text) if kind == language]


def block(guide: str, language: str, holding: str) -> str:
    """The one block that holds these words."""
    (found,) = (code for code in blocks(guide, language) if holding in code)
    return found


def patched(guide: str, path: str) -> ModuleType:
    """The module at `path` with the guide's changes to it, beside the one that everybody uses."""
    source = (ROOT / path).read_text()
    changes = [code for code in blocks(guide, "diff") if code.startswith(f"+++ {path}\n")]
    assert changes, f"{guide} changes nothing in {path}"
    for change in changes:
        before, after = _sides(change)
        assert source.count(before) == 1, f"{guide} changes lines that {path} has not:\n{before}"
        source = source.replace(before, after)
    module = ModuleType(f"{path.removesuffix('.py').replace('/', '.')}_of_{guide}")
    module.__package__ = module.__name__.rpartition(".")[0]
    sys.modules[module.__name__] = module  # where dataclasses look for it
    exec(compile(source, path, "exec"), module.__dict__)
    return module


def _sides(change: str) -> tuple[str, str]:
    """The lines before and after a change, each with its end."""
    lines = [line or " " for line in change.splitlines()[1:]]
    before = [line[1:] for line in lines if line[0] in " -"]
    after = [line[1:] for line in lines if line[0] in " +"]
    return "\n".join(before) + "\n", "\n".join(after) + "\n"
