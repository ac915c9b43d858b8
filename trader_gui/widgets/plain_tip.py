"""Tooltips show text as it is. Qt reads those that look like markup as markup, whoever wrote them:
a symbol, a file's name or an exchange's words must not become a link or a picture."""

from __future__ import annotations


def plain_tip(text: str) -> str:
    """`text` as a tooltip that shows it sign by sign."""
    return wrapped_tip(text) if "<" in text else text


def wrapped_tip(text: str) -> str:
    """The same, in lines as long as Qt finds them readable."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped and f"<span>{escaped}</span>"
