# ruff: noqa: INP001 - a script, not part of a package
"""Every kind of problem that the API answers with, as the code has it: prints docs/errors.md."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src" / "fogbank"
NOT_ANSWERED = ("portal", "client")
"""Pages have problems of their own, and clients repeat what a service answered."""

IN_GENERAL = {
    "api-key-refused": "This key is not known, was revoked, has expired, or may not be used from here.",
    "body-too-large": "The body has more bytes, or events, than are taken here; send less at once.",
    "body-unreadable": "The body cannot be unpacked or taken apart, and why.",
    "form-unknown": "The body is of no media type or packing that is taken here; these are.",
    "invalid-request": "The request is not valid: …. `errors` names each field and the reason.",
    "not-found": "There is no … that you can see. What is somebody else's looks the same.",
    "not-permitted": "You see this, but your role does not allow that; `permission` names what it takes.",
    "weak-password": "What is wrong with the password; `weakness` is one word for it.",
    "wrong-second-factor": "The code or passkey is wrong or was used; or the challenge has ended, so sign in again.",
}
"""What is said in many ways, or put together elsewhere."""

HEAD = """\
# Errors

Whatever goes wrong is answered as a problem document (RFC 9457, `application/problem+json`):

```json
{"type": "urn:fogbank:problem:balance-too-low", "title": "Payment Required", "status": 402,
 "detail": "Account 'org_1' has 3.20 available and may go down to 0.00, so 4.00 is too much; pay in first, …",
 "instance": "urn:fogbank:request:…",
 "account_id": "org_1", "amount": "4.00", "balance": "3.20", "available": "3.20", "floor": "0.00"}
```

`type` is stable: programs decide by it. `detail` is for people: it says what is wrong and what to do, and may be
worded anew. `instance` names the request, as `X-Request-ID` and our logs do. Below, … stands for what differs.
`.venv/bin/python scripts/errors.py` prints this page. OAuth's own errors are in [machines](machines.md#tokens).

| `urn:fogbank:problem:` | status | says |
| --- | --- | --- |
"""


@dataclass(frozen=True, order=True)
class Kind:
    """A kind of problem as it is made at one place; `says` is empty where that is made elsewhere."""

    name: str
    status: str
    says: str


def kinds() -> list[Kind]:
    """All of them, by name; of places that answer the same kind with the same status the first that says something."""
    found: dict[tuple[str, str], Kind] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        if not set(NOT_ANSWERED) & set(path.relative_to(SOURCES).with_suffix("").parts):
            for kind in _kinds_in(ast.parse(path.read_text())):
                known = found.get((kind.name, kind.status))
                if known is None or not known.says:
                    found[kind.name, kind.status] = kind
    return sorted(found.values())


def page() -> str:
    """The whole of docs/errors.md."""
    rows = (f"| `{kind.name}` | {kind.status} | {kind.says.replace('|', chr(92) + '|')} |\n" for kind in kinds())
    return HEAD + "".join(rows)


def _kinds_in(module: ast.Module) -> Iterator[Kind]:
    for scope in ast.walk(module):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            named: dict[str, ast.expr] = {}
            for node in _own(scope):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        named[name] = value
                    case ast.Call(func=ast.Name(id="Problem"), args=[ast.Constant(value=status), kind, detail, *_]):
                        says = named.get(detail.id, detail) if isinstance(detail, ast.Name) else detail
                        yield Kind(_text(kind), str(status), IN_GENERAL.get(_text(kind), _text(says)))


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """What is in a function and not in one inside of it, in order."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) for part in parts)
        case ast.FormattedValue():
            return "…"
        case _:
            return ""


if __name__ == "__main__":
    sys.stdout.write(page())
