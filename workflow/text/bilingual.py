"""Bilingual text: the same words in Estonian and in English. Pure; imports nothing."""

from collections.abc import Callable
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

    def capitalised(self) -> "Text":
        """The words as they begin a line."""
        return in_each(lambda lang: self.say(lang)[:1].upper() + self.say(lang)[1:])

    def as_dict(self) -> dict[str, str]:
        """Both, by language: as JSON keeps them."""
        return {"et": self.et, "en": self.en}


def in_each(say: Callable[[str], str]) -> Text:
    """The same said in each language."""
    return Text(et=say("et"), en=say("en"))


LANGUAGE_NAMES: Final = {"et": Text(et="eesti", en="Estonian"), "en": Text(et="inglise", en="English")}
NOTHING: Final = Text(et="", en="")
