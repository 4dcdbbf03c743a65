"""Error messages for config.toml: where, what, and what to do, in Estonian and English.

Pure. A sentence never repeats a value that could be a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

from pydantic_core import ErrorDetails

from workflow.config.locations import Path, dotted
from workflow.text.bilingual import Text


class Severity(StrEnum):
    """A fault stops the service; a warning is told and lived with."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing wrong with the configuration, and where."""

    place: str
    """`stages[2].work.due`, counted from 0; or the environment variable's name."""
    line: int | None
    """Line of config.toml, from 1; None for what does not stand in the file."""
    says: Text
    severity: Severity = Severity.FAULT

    def line_text(self, lang: str = "et") -> str:
        """The fault on one line, for a terminal: place, line and sentence."""
        line_word, warning_word = ("line", "warning: ") if lang == "en" else ("rida", "hoiatus: ")
        where = ", ".join(filter(None, (f"{line_word} {self.line}" if self.line else "", self.place)))
        warning = warning_word if self.severity is Severity.WARNING else ""
        return f"{where}: {warning}{self.says.say(lang)}".removeprefix(": ")


class ConfigFaults(ValueError):
    """The configuration cannot be used; `faults` holds every reason, in the order of the file."""

    def __init__(self, faults: tuple[ConfigFault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(fault.line_text("en") for fault in faults))


@dataclass(frozen=True, slots=True)
class UnplacedFault:
    """A fault before its line is looked up."""

    path: Path
    says: Text
    severity: Severity = Severity.FAULT


def fault(path: Path, et: str, en: str) -> UnplacedFault:
    """Something that stops the service."""
    return UnplacedFault(path, Text(et=et, en=en))


def warning(path: Path, et: str, en: str) -> UnplacedFault:
    """Something worth a look."""
    return UnplacedFault(path, Text(et=et, en=en), Severity.WARNING)


WRONG_TIME: Final = (
    "Kirjutage kuupäev ja kellaaeg jutumärkideta: 2022-04-05T10:00:00.",
    "Write a date and an hour without quotes: 2022-04-05T10:00:00.",
)
WRONG_DAY: Final = (
    "Kirjutage kuupäev jutumärkide ja kellaajata: 2022-02-28.",
    "Write a date without quotes and without an hour: 2022-02-28.",
)
WRONG_HOUR: Final = (
    "Kirjutage kellaaeg jutumärkideta: 17:00:00.",
    "Write an hour without quotes: 17:00:00.",
)
WRONG_TABLE: Final = (
    "Siia käib tabel: mitu võtit oma väärtustega.",
    "A table belongs here: keys with their values.",
)
UNKNOWN_KEY: Final = (
    "Sellist võtit pole. {near_et}Parandage nimi või kustutage rida.",
    "There is no such key. {near_en}Mend its name or delete the line.",
)
CHOICES: Final = (
    "Siia käib üks neist: {expected_et}.",
    "Write one of these: {expected}.",
)

# What pydantic calls it -> what people are told. The words in braces come from pydantic's own context.
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": (
        "See on puudu. Lisage {key}.",
        "This is missing. Add {key}.",
    ),
    "extra_forbidden": UNKNOWN_KEY,
    "unexpected_keyword_argument": UNKNOWN_KEY,
    "string_type": (
        "Siia käib tekst: pange see jutumärkidesse.",
        "Text belongs here: put it in quotes.",
    ),
    "int_type": (
        "Siia käib täisarv, jutumärkideta.",
        "A whole number belongs here, without quotes.",
    ),
    "bool_type": (
        "Siia käib true või false, jutumärkideta.",
        "Write true or false, without quotes.",
    ),
    "datetime_type": WRONG_TIME,
    "date_type": WRONG_DAY,
    "time_type": WRONG_HOUR,
    "tuple_type": (
        "Siia käib loend: pange väärtused nurksulgudesse.",
        "A list belongs here: put the values in square brackets.",
    ),
    "model_type": WRONG_TABLE,
    "model_attributes_type": WRONG_TABLE,
    "dataclass_type": WRONG_TABLE,
    "mapping_type": WRONG_TABLE,
    "dict_type": WRONG_TABLE,
    "enum": CHOICES,
    "literal_error": CHOICES,
    "greater_than": ("Siia käib suurem arv kui {gt}.", "The number must be greater than {gt}."),
    "greater_than_equal": ("Siia käib vähemalt {ge}.", "The number must be at least {ge}."),
    "after_event": (
        "Meeldetuletus läheks välja pärast sündmust. Kirjutage päevad enne seda: 0 või rohkem.",
        "The reminder would leave after its event. Write the days before it: 0 or more.",
    ),
    "less_than_equal": ("Siia käib kõige rohkem {le}.", "The number must be at most {le}."),
    "string_too_short": (
        "Tekst puudub. Kirjutage vähemalt {min_length} tähemärk(i).",
        "The text is missing. Write at least {min_length} character(s).",
    ),
    "string_too_long": (
        "Tekst on liiga pikk: lubatud on {max_length} tähemärki.",
        "The text is too long: {max_length} characters at most.",
    ),
    "too_short": (
        "Loendis peab olema vähemalt {min_length}. Lisage üks.",
        "The list must hold at least {min_length}. Add one.",
    ),
    "string_pattern_mismatch": (
        "Nii ei saa seda kirjutada. {form_et}",
        "It cannot be written like this. {form_en}",
    ),
    "skipped_hour": (
        "Sellist kellaaega sel päeval pole: kella keeratakse edasi. Valige muu aeg.",
        "There is no such hour on that day: the clocks go forward over it. Choose another hour.",
    ),
    "year": (
        "Aasta on ilmselt kirjaviga. Kirjutage aasta vahemikus 2000–2199.",
        "The year must be a slip. Write one from 2000 to 2199.",
    ),
    "address": (
        "See pole meiliaadress. Kirjutage kujul nimi@example.org.",
        "This is not a mail address. Write it like name@example.org.",
    ),
    "zone": (
        "Sellist ajavööndit pole. Kirjutage näiteks Europe/Tallinn.",
        "There is no such time zone. Write for instance Europe/Tallinn.",
    ),
    "network": (
        "See pole võrk. Kirjutage näiteks 10.0.0.0/24 või 127.0.0.1.",
        "This is not a network. Write for instance 10.0.0.0/24 or 127.0.0.1.",
    ),
    "database_address": (
        "See pole andmebaasi aadress. Kirjutage sqlite:///fail.db või postgresql://kasutaja@server/andmebaas; märgid "
        "@ : / paroolis kirjutage %40 %3A %2F. Muid andmebaase teenus ei tunne.",
        "This is no database's address. Write sqlite:///file.db or postgresql://user@server/database; in a password "
        "write @ : / as %40 %3A %2F. The service knows no other databases.",
    ),
    "short_secret": (
        "Võti on liiga lühike: vähemalt 32 juhuslikku tähemärki.",
        "The key is too short: at least 32 random characters.",
    ),
}

# The form that a key must have, told in words: pydantic only says that a pattern does not match.
FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "base_url": (
        "Kirjutage http:// või https:// ja aadress, ilma kaldkriipsuta lõpus.",
        "Write http:// or https:// and the address, without a slash at the end.",
    ),
    "mail.domain": (
        "Kirjutage domeen väikeste tähtedega: teekond.example.org.",
        "Write a domain in lower case: teekond.example.org.",
    ),
    "mail.relay_host": (
        "Kirjutage serveri nimi väikeste tähtedega: mail.example.org.",
        "Write a server's name in lower case: mail.example.org.",
    ),
    "mailbox.host": (
        "Kirjutage serveri nimi väikeste tähtedega: imap.example.org.",
        "Write a server's name in lower case: imap.example.org.",
    ),
    "oidc.issuer": (
        "Kirjutage http:// või https:// ja aadress, ilma kaldkriipsuta lõpus.",
        "Write http:// or https:// and the address, without a slash at the end.",
    ),
    "oidc.trusted_domains": (
        "Kirjutage domeenid väikeste tähtedega: example.org.",
        "Write domains in lower case: example.org.",
    ),
    "oauth.token_url": (
        "Kirjutage aadress, mis algab https://.",
        "Write an address that begins with https://.",
    ),
    "oauth.tenant": (
        "Kirjutage kataloogi (tenant) ID või domeen, näiteks example.onmicrosoft.com.",
        "Write the directory (tenant) ID or a domain of it, such as example.onmicrosoft.com.",
    ),
    "stages.key": (
        "Lubatud on ladina väiketähed, numbrid ja _, tähega alguses: workshop_1.",
        "Use lower-case Latin letters, digits and _, with a letter first: workshop_1.",
    ),
}
NAME_FORM: Final = (
    "Lubatud on ladina tähed, numbrid, - ja _, tähega alguses.",
    "Use Latin letters, digits, - and _, with a letter first.",
)


def near(unknown: str, known: Iterable[str]) -> tuple[str, str]:
    """A question in both languages that names the known key most like an unknown one; empty for none."""
    match = get_close_matches(unknown, tuple(known), n=1)
    return (f"Kas mõtlesite {match[0]}? ", f"Did you mean {match[0]}? ") if match else ("", "")


def sentence(error: ErrorDetails, path: Path, known: Iterable[str]) -> Text:
    """What people are told of an error of pydantic's; `known` are the keys that fit where `path` stands."""
    key = str(path[-1])
    near_et, near_en = near(key, known)
    form_et, form_en = FORMS.get(dotted(tuple(step for step in path if isinstance(step, str))), NAME_FORM)
    words: dict[str, Any] = {
        **error.get("ctx", {}),
        "key": dotted(path[-2:]) if isinstance(path[-1], int) else key,
        # pydantic lists choices in English: 'et' or 'en'.
        "expected_et": str(error.get("ctx", {}).get("expected", "")).replace(" or ", " või "),
        "near_et": near_et,
        "near_en": near_en,
        "form_et": form_et,
        "form_en": form_en,
    }
    reminder = path[0] == "reminders" or "reminder_days" in path
    kind = "after_event" if reminder and words.get("ge") == 0 else error["type"]
    et, en = SENTENCES.get(kind, ("Siia see väärtus ei sobi.", "This value does not fit here."))
    return Text(et=et.format_map(words), en=en.format_map(words))
