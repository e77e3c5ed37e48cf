"""Pages: templates with everything escaped, sent compressed, never stored by browsers or caches on the way."""

import gzip
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from fogbank.portal.assets import Assets
from fogbank.portal.viewer import Viewer, viewer_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.shell import THEMES

HTML = "text/html; charset=utf-8"
PAGE_HEADERS = {"cache-control": "no-store", "vary": "cookie, accept-encoding, accept-language"}
GZIP_LEVEL = 5
GZIP_BYTES_MIN = 1000


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates for one installation."""

    environment: Environment
    currency: str

    @classmethod
    def load(cls, assets: Assets, currency: str) -> "Pages":
        environment = Environment(
            loader=PackageLoader("fogbank.portal"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals["asset"] = assets.url
        environment.globals["themes"] = THEMES
        environment.tests["missing_answer"] = lambda value: isinstance(value, Missing)
        return cls(environment, currency)

    def viewer(self, request: Request) -> Viewer:
        return viewer_of(request, self.currency)

    def answer(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """The template filled with `context`, as this request takes it."""
        html = self.environment.get_template(template).render(theme=self.viewer(request).theme, **context)
        return compressed(request, html.encode(), HTML, status)


def compressed(request: Request, content: bytes, media_type: str, status: int = 200) -> Response:
    """`content` as a response, compressed where the browser takes that and it is worth it."""
    headers = dict(PAGE_HEADERS)
    if len(content) >= GZIP_BYTES_MIN and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=GZIP_LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(content, status, headers, media_type)
