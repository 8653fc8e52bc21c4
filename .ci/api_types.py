"""Write the tables of `docs/api.md` and `docs/openapi.json` anew from the service types."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from django.conf import settings  # noqa: E402 (the packages are found above)

settings.configure(USE_I18N=False)  # what is written there is English

from orders.service_types.reference import written_into  # noqa: E402
from panel.api import description  # noqa: E402

page = ROOT / "docs" / "api.md"
page.write_text(written_into(page.read_text()))
(ROOT / "docs" / "openapi.json").write_text(description.written())
