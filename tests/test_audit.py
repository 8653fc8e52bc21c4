"""`make audit` never says that all is well when nobody answered."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("says", "code", "ends"),
    [
        ("No known vulnerabilities found", 0, 0),
        ("Found 1 known vulnerability in 1 package", 1, 1),
        ("ERROR: ConnectionError: Failed to resolve the name of the service", 1, 2),
        ("Traceback (most recent call last): ...", 1, 2),
    ],
)
def test_it_tells_findings_from_silence(tmp_path: Path, says: str, code: int, ends: int) -> None:
    auditor = tmp_path / "auditor"
    auditor.write_text(f'#!/bin/sh\necho "{says}"\nexit {code}\n')
    auditor.chmod(0o755)
    told = subprocess.run(
        [ROOT / ".ci" / "audit"],
        env=os.environ | {"AUDITOR": str(auditor)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == ends
    assert says in told.stdout
    assert ("NOT AUDITED" in told.stderr) == (ends == 2)
