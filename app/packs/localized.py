"""Texts and names in the languages of a pack."""

from pydantic import BaseModel, ConfigDict, Field

from app.packs.texts import Name, Text
from app.store.tables import Language


class PackModel(BaseModel):
    """A mapping in a pack, with no key but those declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Localized(PackModel):
    """A text in every language of the pack."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    en: Text | None = Field(default=None, description="The text in English.")
    zh: Text | None = Field(default=None, description="The text in Chinese.")

    def text(self, lang: Language) -> str:
        """Return the text in a language, or else in another."""
        texts: list[str | None] = [getattr(self, other) for other in (lang, *Language)]
        return next(text for text in texts if text)


class LocalizedName(Localized):
    """A name in every language of the pack."""

    en: Name | None = Field(default=None, description="The name in English.")
    zh: Name | None = Field(default=None, description="The name in Chinese.")


class LocalizedNames(PackModel):
    """Names by language; any may be left out."""

    en: list[Name] = Field(default=[], description="English names.")
    zh: list[Name] = Field(default=[], description="Chinese names.")

    def texts(self, lang: Language) -> list[str]:
        """Return the names in a language, or else in another."""
        names: list[list[str]] = [getattr(self, other) for other in (lang, *Language)]
        return next(filter(None, names), [])
