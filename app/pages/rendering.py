"""Rendering the explorer and the problem pages: templates, translated texts and assets.

All assets have one hash in their URLs, so browsers may cache them for ever and scripts can import each other by
relative paths.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from app.api.negotiation import HTML
from app.server.security_headers import PAGE_POLICY, page_headers

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

HERE = Path(__file__).parent
ASSET_MEDIA_TYPES = {".css": "text/css", ".ico": "image/x-icon", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A script, stylesheet or image of the pages."""

    content: bytes
    media_type: str


ASSETS = {
    path.name: Asset(path.read_bytes(), ASSET_MEDIA_TYPES[path.suffix]) for path in sorted((HERE / "static").iterdir())
}


# A path of the service in a sentence. A path that the client sent is in quotation marks.
PATH = re.compile(r"(?<![^\s、。])(/\w[^\s'”、，。]*\w)(?=[\s.,、，。])", re.ASCII)


def hash_assets() -> str:
    """Hash the names and contents of all assets."""
    digest = hashlib.blake2b(digest_size=6)
    for name, asset in ASSETS.items():
        digest.update(b"%s %d " % (name.encode(), len(asset.content)))
        digest.update(asset.content)
    return digest.hexdigest()


DIGEST = hash_assets()
# The language tags of the pages: their Chinese is written in simplified characters, for mainland readers.
TAGS = {"en": "en", "zh": "zh-CN"}
FILES = {name: f"/explorer/{DIGEST}/{name}" for name in ASSETS}


@cache
def read_texts(name: str) -> Any:
    """Read a YAML file of this folder."""
    import yaml  # noqa: PLC0415 (a service of which nobody asks a page starts without it)

    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def link_paths(sentence: str) -> "Markup":
    """Turn the paths of the service in a sentence into links."""
    from markupsafe import Markup  # noqa: PLC0415 (comes with Jinja)

    link = Markup('<a href="{0}">{0}</a>')
    return Markup().join(link.format(part) if at % 2 else part for at, part in enumerate(PATH.split(sentence)))


@cache
def templates() -> "Environment":
    """Make the environment of the templates."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (like the texts)

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Do not sort the keys of JSON for scripts: the first table is the one that the explorer shows.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.globals["tags"] = TAGS
    environment.filters["link_paths"] = link_paths
    return environment


def render_page(
    template: str,
    lang: str,
    prefix: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **content: Any,
) -> Response:
    """Render a template in one language and for a path prefix, as a response with its Content-Security-Policy."""
    texts = {name: translations[lang] for name, translations in read_texts("texts.yaml").items()}
    files = {name: prefix + path for name, path in FILES.items()}
    return Response(
        templates().get_template(template).render(lang=lang, prefix=prefix, texts=texts, files=files, **content),
        status,
        {"Content-Language": lang, **page_headers(PAGE_POLICY), **(headers or {})},
        HTML,
    )
