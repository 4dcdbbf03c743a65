"""Bilingual text: the same words in Estonian and in English. Pure; imports nothing."""

from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("et", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words for people, in both languages."""

    et: str
    en: str

    def say(self, lang: str) -> str:
        """The words in `lang`; Estonian for a language that the service does not speak."""
        return self.en if lang == "en" else self.et

    def as_dict(self) -> dict[str, str]:
        """Both, by language: as JSON keeps them."""
        return {"et": self.et, "en": self.en}


LANGUAGE_NAMES: Final = {"et": Text(et="eesti", en="Estonian"), "en": Text(et="inglise", en="English")}
NOTHING: Final = Text(et="", en="")
