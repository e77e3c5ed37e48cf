"""PostgreSQL's text forms of arrays and rows, which it reads faster than parameters one by one."""

from collections.abc import Iterable


def text_array(texts: Iterable[str]) -> str:
    """An array of ids and names, none of which can hold a quote or a backslash."""
    joined = '","'.join(texts)
    return '{"' + joined + '"}' if joined else "{}"


def row_array(rows: Iterable[str]) -> str:
    """An array of rows, each already without its parentheses and with its texts `quoted`."""
    joined = ')","('.join(rows)
    return '{"(' + joined + ')"}' if joined else "{}"


def quoted(text: str) -> str:
    """Any text as a field of a row in an array: quoted for the row, and that once more for the array."""
    if not text:
        return EMPTY
    if "\\" in text or '"' in text:
        text = _escaped(_escaped(text))
    return '\\"' + text + '\\"'


EMPTY = '\\"\\"'
"""An empty text, `quoted`."""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
