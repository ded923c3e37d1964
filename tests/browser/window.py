"""Windows to look through: a laptop's and a phone's, in light and dark."""

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import ViewportSize


@dataclass(frozen=True, slots=True)
class Window:
    """How large, and of which colours."""

    device: str
    width: int
    height: int
    colours: Literal["light", "dark"] = "light"

    def __str__(self) -> str:
        return f"{self.device}-{self.colours}"

    @property
    def size(self) -> ViewportSize:
        return {"width": self.width, "height": self.height}

    @property
    def narrow(self) -> bool:
        """Whether one part of the page is shown at a time."""
        return self.device == "phone"


LAPTOP, LAPTOP_DARK = (Window("laptop", 1280, 800, c) for c in ("light", "dark"))
PHONE, PHONE_DARK = (Window("phone", 390, 844, c) for c in ("light", "dark"))
EVERY = (LAPTOP, LAPTOP_DARK, PHONE, PHONE_DARK)
