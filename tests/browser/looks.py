"""The three looks in which every kind of person has to get through: light, dark, a phone."""

from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, Page

from tests.browser.faults import complaints_of, faults_as_it_stands
from tests.browser.signing_in import fill_in


@dataclass(frozen=True)
class Look:
    """A window and its colours."""

    name: str
    scheme: Literal["light", "dark"]
    width: int
    height: int
    touch: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What a browser's context takes."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "color_scheme": self.scheme,
            "reduced_motion": "reduce",
            "has_touch": self.touch,
        }


LOOKS = (
    Look("light", "light", 1440, 900),
    Look("dark", "dark", 1440, 900),
    Look("phone", "light", 390, 844, touch=True),
)


class Visitor:
    """Somebody at a browser of their own, who looks at each page for what is wrong with it."""

    def __init__(self, browser: Browser, site: str, look: Look):
        self.look = look
        self.context = browser.new_context(base_url=site, **look.options)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = complaints_of(self.context)

    def sign_in(self, email: str, lands: str) -> Page:
        """Through the form, to the first page of this person's face."""
        self.page.goto("/")
        self.check()
        fill_in(self.page, email, lands)
        self.check()
        return self.page

    def check(self) -> None:
        """Note every fault of the page as it stands."""
        if (self.page.evaluate(_LIGHTNESS) > 0.5) != (self.look.scheme == "light"):
            self.wrong.append(f"{self.page.url} is not {self.look.scheme}")
        self.wrong += faults_as_it_stands(self.page)

    def leave(self) -> None:
        """Close the browser; nothing may have been wrong."""
        self.context.close()
        assert not self.wrong, "\n".join(self.wrong)


_LIGHTNESS = """() => {  // of the ground, 0 to 1
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return (red + green + blue) / 765;
}"""
