"""Translations as Django reads them: .mo files made of the .po files under `locale/`.

    python -m config.catalogs

They are not kept in the repository. Where they are missing the panel speaks English.
"""

import os
import tempfile
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_stale(locale: Path = LOCALE) -> list[Path]:
    """Make those that are missing or older than what they are made of; returns which."""
    sources = sorted(locale.glob("*/LC_MESSAGES/*.po"))
    stale = [path for path in sources if _is_stale(path, path.with_suffix(".mo"))]
    for path in stale:
        _compile(path)
    return stale


def _is_stale(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def _compile(path: Path) -> None:
    """In one step, since others may be reading it: empty and doubtful translations stay out."""
    from babel.messages import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as source:
        known = read_po(source, locale=path.parts[-3])
    kept = Catalog(locale=path.parts[-3], charset="utf-8")
    for message in known:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and all(texts) and not message.fuzzy:
            kept.add(message.id, message.string, context=message.context)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as made:
        write_mo(made, kept)
    os.chmod(made.name, 0o644)
    os.replace(made.name, path.with_suffix(".mo"))


if __name__ == "__main__":
    for made in compile_stale():
        print(f"Compiled {made.relative_to(LOCALE.parent)}")
