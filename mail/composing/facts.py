"""Template variables: the notice's own facts and the common ones, as plain values of one language. Pure.

Nothing here is made harmless yet: `mail.composing.compose` does that with every value, where it enters the mail.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Final

from mail.identity import Identity
from workflow.config.loader import Programme
from workflow.database.models import Addressee, Person, Team
from workflow.notices import Fact, Minutes, Notice, OwnPage, Plain
from workflow.rules.doors import Door, open_to
from workflow.rules.machine import state_name
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.rules.questions import kind_of, words_to_reply
from workflow.security.own_links import OWN_PAGE, PLACEHOLDER
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.text.unlinkable import unlinked

Value = str | int | bool | datetime | tuple["Value", ...]

COMMON: Final = frozenset({
    "name", "team", "home", "programme", "short", "stage", "when", "place", "due", "link", "words",
    "instructions", "topics", "session_day", "state", "coordinator", "coordinator_address", "coordinator_phone",
    "service_name", "own_page", "on_page", "also", "news", "alone",
})  # fmt: skip
"""every template may use these; one that does not apply is empty"""


TYPED: Final = frozenset({
    "name", "team", "home", "application", "earlier", "contact", "member", "members", "who", "sender", "why",
    "writer",
    "comment", "files", "entries", "known", "said", "undone", "letters", "expected", "asked", "says", "alerts", "late",
    "approvals", "done", "instead_of", "giver", "note", "also",
})  # fmt: skip
"""what somebody typed, or may have: no mail program is to make a link of theirs of it"""


def values(
    notice: Notice, programme: Programme, identity: Identity, lang: str, signer: Person | None = None
) -> dict[str, Value]:
    """Everything the notice's template may use; its own facts stand before the common ones. signer: whose name stands
    under it, where that is not the first coordinator of the config."""
    common, own = _common(notice, programme, identity, lang, signer), told(notice.facts, lang)
    return {name: _unlinked(value) if _typed(name, own) else value for name, value in {**common, **own}.items()}


def _typed(name: str, own: Mapping[str, Value]) -> bool:
    """Whether people typed it, in a form or a letter; `words` are the config's, unless the notice has its own."""
    return name in TYPED or (name == "words" and name in own)


def _unlinked(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_unlinked(one) for one in value)
    return unlinked(value) if isinstance(value, str) and not isinstance(value, OwnPage) else value


def told(facts: Mapping[str, Fact], lang: str) -> dict[str, Value]:
    """Facts in the words of one language; moments stay moments, for templates say them in several ways."""
    return {name: _told(value, lang) for name, value in facts.items()}


def _told(value: Fact, lang: str) -> Value:
    if isinstance(value, tuple):
        return tuple(_told(one, lang) for one in value)
    return _plain(value, lang)


def _plain(value: Plain, lang: str) -> Value:
    if isinstance(value, Text):
        return value.say(lang)
    if isinstance(value, Minutes):
        return formatting.minutes(value.value, lang)
    if isinstance(value, date) and not isinstance(value, datetime):
        return formatting.day(value, lang)
    return "" if value is None else value


def _common(
    notice: Notice, programme: Programme, identity: Identity, lang: str, signer: Person | None
) -> dict[str, Value]:
    contact = signer or programme.contact
    return {
        "name": notice.person.name,
        "programme": programme.name.say(lang),
        "short": programme.short_name.say(lang),
        "coordinator": contact.name,
        "coordinator_address": contact.address,
        "coordinator_phone": contact.phone,
        "service_name": identity.from_name,
        "own_page": f"{identity.base_url}/me/{OWN_PAGE}" if _has_own_page(notice) else "",
        "also": (),
        "news": (),
        "alone": programme.team.alone or "",
        **_of_team(notice.team, programme, lang),
        **_of_stage(stage_key(notice), programme, lang),
        **_of_session(notice, programme, lang),
        **_of_question(notice, identity, lang),
    }


def _has_own_page(notice: Notice) -> bool:
    """Members of teams see to their own details; not from an address that is theirs no more."""
    return notice.person.team_id is not None and not notice.address


def stage_key(notice: Notice) -> str | None:
    """The stage the notice is about: its own, else its question's."""
    return notice.stage or (notice.question.stage if notice.question else None)


def _of_team(team: Team | None, programme: Programme, lang: str) -> dict[str, Value]:
    return {
        "team": team.name if team else "",
        "home": team.home if team else "",
        "state": state_name(programme, team.state).say(lang) if team else "",
    }


def _of_stage(key: str | None, programme: Programme, lang: str) -> dict[str, Value]:
    stage = next((one for one in programme.stages if one.key == key), None)
    work = stage.work if stage else None
    return {
        "stage": stage.name.say(lang) if stage else "",
        "topics": tuple(topic.say(lang) for topic in stage.topics) if stage else (),
        "instructions": work.instructions.say(lang) if work else "",
    }


def _of_session(notice: Notice, programme: Programme, lang: str) -> dict[str, Value]:
    session = notice.session
    if session is None:
        return {"when": "", "place": "", "session_day": ""}
    place = str(session.place.get(lang) or session.place.get("et") or "")
    when = formatting.span(session.starts_at, session.ends_at, lang, programme.tz)
    day = formatting.day_of_month(session.starts_at.astimezone(programme.tz).date(), lang)
    return {"when": when, "place": place, "session_day": day}


def _of_question(notice: Notice, identity: Identity, lang: str) -> dict[str, Value]:
    question = notice.question
    return {
        "due": (question.due_at or "") if question else "",
        "words": words_to_reply(question.kind, question.about).say(lang) if question else "",
        "link": f"{identity.base_url}/q/{PLACEHOLDER}" if asked(notice) else "",
        "on_page": _signed_in_page(notice, identity),
    }


def ask(notice: Notice, values: Mapping[str, Value], lang: str, tz: tzinfo) -> str:
    """What is asked and until when, in a line for lists of mails; empty where nothing is."""
    if asked(notice) is None or not MAIL_KINDS[notice.template].asks or values.get("said") == "yes":
        return ""
    words, due = str(values["words"]), values["due"]
    words = words[:1].upper() + words[1:]
    if notice.session is not None and values["when"]:
        return f"{words}: {values['when']}"
    if not isinstance(due, datetime):
        return words
    by = {"et": "hiljemalt", "en": "by"}[lang]
    return f"{words}; {by} {formatting.until(due, lang, tz)}"


def _signed_in_page(notice: Notice, identity: Identity) -> str:
    """Where a coordinator who was asked instead of somebody else answers: not by mail, nor behind a secret link."""
    question, person = notice.question, notice.person
    if question is None or not kind_of(question.kind).on_behalf or open_to(question.kind, person.role, Door.MAIL):
        return ""
    own = any(one.person_id == person.id for one in question.addressees)
    return OwnPage(f"{identity.base_url}/office/question/{question.id}") if own else ""


def asked(notice: Notice) -> Addressee | None:
    """The person's own door to the notice's question, if it was put to them and is answered by mail at all."""
    question, person = notice.question, notice.person
    if question is None or not open_to(question.kind, person.role, Door.MAIL):
        return None
    own = person.id
    return next((one for one in question.addressees if one.person_id == own), None)
