"""How a stand-in says what it answers where."""

from collections.abc import Callable

from fastapi import Request

Answer = Callable[[Request], object]
Route = Callable[..., None]
"""Takes a path, the component that answers it, the answer and, where it is not GET, the method."""


def id_in(request: Request) -> str:
    return str(request.path_params["id"])
