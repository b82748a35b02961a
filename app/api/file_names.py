"""The names of the files of a static copy: hosts tell the media type of a file by the ending of its name."""

from app.api.negotiation import JSON
from app.store.tables import Language


def folder_of(lang: Language) -> str:
    """Return the folder of the answers in a language; those in English are at the top."""
    return "" if lang is Language.EN else f"/{lang}"


def file_of(path: str, lang: Language, media_type: str) -> str:
    """Return the file of the answer to a path; the path of what is not JSON has an ending already."""
    ending = ".json" if media_type == JSON and not path.endswith(".json") else ""
    return f"{folder_of(lang)}{path}{ending}"
