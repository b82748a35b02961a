"""The pages for people that are ours: their templates, their words in every language, and the files they load.

The files are served under one hash of them all, so that a browser may keep each for good and a script may import
its neighbours by their names.
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

    content: bytes
    media_type: str


ASSETS = {path.name: Asset(path.read_bytes(), MEDIA_TYPES[path.suffix]) for path in sorted((HERE / "static").iterdir())}


def hash_assets() -> str:
    """A hash of the names and contents of all files."""
    digest = hashlib.blake2b(digest_size=6)
    for name, asset in ASSETS.items():
        digest.update(b"%s %d " % (name.encode(), len(asset.content)))
        digest.update(asset.content)
    return digest.hexdigest()


DIGEST = hash_assets()
# Each text of the pages in every language, by its name.
TEXTS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "texts.yaml").read_text(encoding="utf-8"))
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What a script is given is in the order in which Python has it: the first table is the one that is shown.
TEMPLATES.policies["json.dumps_kwargs"] = {"sort_keys": False}
TEMPLATES.globals["files"] = {name: f"/explorer/{DIGEST}/{name}" for name in ASSETS}


def page(
    template: str, lang: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **content: Any
) -> Response:
    """A page in one language."""
    texts = {name: translations[lang] for name, translations in TEXTS.items()}
    return Response(
        TEMPLATES.get_template(template).render(lang=lang, texts=texts, **content),
        status,
        {"Content-Language": lang, security_headers.POLICY_HEADER: security_headers.PAGE_POLICY, **(headers or {})},
        HTML,
    )
