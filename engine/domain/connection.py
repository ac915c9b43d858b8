"""How the network is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSetting
from engine.language import tr

_PROXY: Final = re.compile(r"https?://[^\s/@]+(:[^\s@]*@[^\s/@]+)?(:\d{1,5})?/?")


@dataclass(frozen=True, slots=True)
class Connection:
    """Shared by everything that speaks to an exchange."""

    proxy: str = ""
    """``http://host:port``; "" for none."""
    system_certificates: bool = False
    """Trust what the operating system trusts (a company's proxy), not only the usual list."""

    def check(self) -> None:
        """InvalidSetting for what is no proxy's address."""
        if self.proxy and not _PROXY.fullmatch(self.proxy):
            raise InvalidSetting(
                tr("{proxy!r} is no proxy. Write it as http://host:port.", proxy=self.proxy),
                field="proxy",
            )
