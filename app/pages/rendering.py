"""The pages for people that are ours: their templates, their words in every language, and the files they load.

A file is served under a name that holds a hash of its content, so that a browser may keep it for good.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from app.api.negotiation import HTML
from app.server import security_headers

HERE = Path(__file__).parent
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A file that the pages load."""

    name: str
    content: bytes
    media_type: str


def asset(path: Path) -> Asset:
    """A file under the name that it is served by."""
    content = path.read_bytes()
    digest = hashlib.blake2b(content, digest_size=6).hexdigest()
    return Asset(f"{path.stem}.{digest}{path.suffix}", content, MEDIA_TYPES[path.suffix])


FILES = {path.name: asset(path) for path in sorted((HERE / "static").iterdir())}
ASSETS = {file.name: file for file in FILES.values()}
# Each text of the pages in every language, by its name.
TEXTS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "texts.yaml").read_text(encoding="utf-8"))
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["files"] = {name: f"/explorer/{file.name}" for name, file in FILES.items()}


def page(
    template: str, lang: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **content: Any
) -> Response:
    """A page in one language."""
    texts = {name: translations[lang] for name, translations in TEXTS.items()}
    return Response(
        TEMPLATES.get_template(template).render(lang=lang, texts=texts, **content),
        status,
        {"Content-Language": lang, security_headers.POLICY: security_headers.PAGE, **(headers or {})},
        HTML,
    )
