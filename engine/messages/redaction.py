"""Secrets taken out of text before it is written, shown or copied.

Two nets: what is known to be secret is hidden wherever it stands, and what is named like a secret
(a key, a signature, a password, an account) is hidden with its name left. The second one must do
where a library puts a request into its error.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

HIDDEN: Final = "[hidden]"
_SHORTEST: Final = 4
"""A shorter secret would be found inside of words."""

_NAMED: Final = (
    r"api[-_ ]?key|api[-_ ]?sign|secret|passw(?:or)?d|passphrase|passwort|credential|token|"
    r"signature|access[-_](?:key|sign)|listen[-_]?key|private[-_]?key|cookie|"
    r"(?:account|acct)[-_]?(?:id|no(?![a-z])|number|name|alias|uuid)|sub[-_]?account|bapi[-_]sign|"
    r"(?:user|customer|member|profile)[-_]?id|(?:main|master|parent|sub)[-_]?uid|wallet[-_]?address"
)
_PATTERNS: Final = (
    # The part of an address before the host.
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)(\s+)(?=\S*[\d=])[\w.~+/=-]{6,}", re.I), rf"\1\2{HIDDEN}"),
    (
        re.compile(
            r"((?<!\w)['\"]?authorization['\"]?\s*[:=]\s*)"
            r"(?!\[hidden)(?:'[^']*'|\"[^\"]*\"|[^\s,;}]+(?:\s+(?!\[hidden\])[\w.~+/=-]{6,})?)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    # name=value, name: value, "name": "value", also with more before and after the name.
    (
        re.compile(
            rf"(['\"]?\b[\w-]*(?:{_NAMED}|\buid|\bsign)[\w-]*\b['\"]?\s*[:=]\s*)"
            r"(?!\[hidden)(?:b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\"|[^\s,;&)}\]'\"]+)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    # In a sentence: account number 12345678, UID 12345678.
    (
        re.compile(
            r"\b((?:(?:sub-?)?account|user|customer|member)\s+(?:id|no\.?|number|#)|uid)"
            r"(\s*[:#]?\s*)(?=[\w-]*\d)[\w-]{5,}",
            re.I,
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"), HIDDEN),  # a JSON web token
)
_WHO: Final = re.compile(r"://([^/?#]*)@")
"""By hand: the library's parser repeats in its error what it does not understand."""
_known: Final[set[str]] = set()


def hide(*secrets: str) -> None:
    """From now on these texts are taken out wherever they stand, as they are and as they are
    written in an address."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            _known.update((secret, quote(secret, safe="", errors="replace")))


def hide_address(address: str) -> None:
    """The name and password in an address, if it has any, as typed and as meant."""
    found = _WHO.search(address)
    if found is not None:
        name, _, password = found[1].partition(":")
        hide(name, password, unquote(name), unquote(password))


def redacted(text: str) -> str:
    """`text` without secrets. What is named stays named: ``apiKey=[hidden]``."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text
