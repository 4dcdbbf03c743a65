"""A coordinator's own mail to many: her words for each recipient, what is wrong with them, and sending them.

Acts in the caller's transaction. Her words are no template: only the few names in double braces are filled in, each by
a value made harmless as any other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from workflow.codes import HistoryEvent
from workflow.coordinator import polls
from workflow.coordinator.audience import Recipient
from workflow.coordinator.polls import Poll
from workflow.database.models import Person, Team, WrittenMail
from workflow.notices import Notice
from workflow.records import open_questions
from workflow.records.history import record
from workflow.rules.application import FieldFault, clean, clean_text
from workflow.rules.machine import state_name
from workflow.season import Actor, Season
from workflow.text import formatting
from workflow.text.bilingual import LANGUAGES, Text
from workflow.text.unlinkable import unlinked

LETTER: Final = "own_letter"
"""the kind of mail"""
MOST: Final = 1000
"""recipients of one letter"""
LONGEST: Final = 10_000
"""of a body, in characters"""
SUBJECT_MAX: Final = 150
NAMED: Final = 3
"""recipients named in a fault"""
OFFERED: Final[Mapping[str, Text]] = {
    "name": Text(et="saaja nimi", en="the recipient's name"),
    "team": Text(et="meeskond", en="the team"),
    "home": Text(et="kust meeskond tuleb", en="where the team comes from"),
    "group": Text(et="rühm", en="the group"),
    "stage": Text(et="etapp, kus meeskond on", en="the stage at which the team is"),
    "session": Text(et="järgmine kohtumine", en="the next session"),
    "when": Text(et="selle aeg", en="its time"),
    "place": Text(et="selle koht", en="its place"),
    "asked": Text(et="mida oodatakse", en="what is awaited"),
    "due": Text(et="mis ajaks", en="by when"),
}
"""the names that may stand in double braces"""
_NAME: Final = re.compile(r"\{\{\s*([^{}]{1,40}?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Subject and body by language, as they were typed."""

    subject: Mapping[str, str]
    body: Mapping[str, str]

    def digest(self, *langs: str) -> str:
        """Tells these words (of some languages alone) from others."""
        read = langs or LANGUAGES
        whole = "\n\n".join(f"{self.subject.get(one, '')}\n{self.body.get(one, '')}" for one in read)
        return sha256(whole.encode()).hexdigest()[:16]


def languages(found: Sequence[Recipient]) -> tuple[str, ...]:
    """Those in which these people read their mails."""
    read = {one.person.lang for one in found}
    return tuple(one for one in LANGUAGES if one in read)


def faults(season: Season, found: Sequence[Recipient], words: OwnWords) -> list[FieldFault]:
    """Whatever keeps the letter from being sent, field by field."""
    if not found:
        return [FieldFault("", Text(et="Siin ei ole kedagi, kellele kirjutada.", en="There is nobody to write to."))]
    if len(found) > MOST:
        says = Text(
            et=f"Korraga saab kirjutada kuni {MOST} inimesele, siin on {len(found)}: valige rühm või etapp.",
            en=f"One letter goes to {MOST} people at most, these are {len(found)}: choose a group or a stage.",
        )
        return [FieldFault("", says)]
    return [fault for lang in languages(found) for fault in _faults_in(season, found, words, lang)]


def _faults_in(season: Season, found: Sequence[Recipient], words: OwnWords, lang: str) -> list[FieldFault]:
    read = [one for one in found if one.person.lang == lang]
    told = []
    for field, typed, most in (
        (f"subject_{lang}", clean(words.subject.get(lang, "")), SUBJECT_MAX),
        (f"body_{lang}", clean_text(words.body.get(lang, "")), LONGEST),
    ):
        says = _empty(field, len(read)) if not typed else _wrong(season, read, typed, most, lang)
        told += [FieldFault(field, says)] if says is not None else []
    return told


def _empty(field: str, count: int) -> Text:
    tongue = _TONGUES[field[-2:]]
    if field.startswith("subject"):
        return Text(et=f"Kirjutage pealkiri {tongue.et}.", en=f"Write the subject in {tongue.en}.")
    return Text(
        et=f"Kirjutage kirja tekst {tongue.et}: nii loeb kirju {count}.",
        en=f"Write the letter in {tongue.en}: {count} of them read that.",
    )


_TONGUES: Final = {"et": Text(et="eesti keeles", en="Estonian"), "en": Text(et="inglise keeles", en="English")}


def _wrong(season: Season, read: Sequence[Recipient], typed: str, most: int, lang: str) -> Text | None:
    if len(typed) > most:
        return Text(et=f"Lühendage: kõige rohkem {most} tähemärki.", en=f"Shorten it: at most {most} characters.")
    used = dict.fromkeys(_NAME.findall(typed))
    unknown = next((name for name in used if name not in OFFERED), None)
    if unknown is not None:
        offered = ", ".join(OFFERED)
        return Text(et=f"{{{{ {unknown} }}}} ei ole teada. Võite kasutada: {offered}.",
                    en=f"There is no {{{{ {unknown} }}}}. You may use: {offered}.")  # fmt: skip
    for name in used:
        lacking = [one.person.name for one in read if not values(season, one, lang)[name]]
        if lacking:
            who = ", ".join(lacking[:NAMED]) + (f" (+{len(lacking) - NAMED})" if len(lacking) > NAMED else "")
            said = f"{{{{ {name} }}}}"
            return Text(et=f"{said} ei ole neil teada: {who}.", en=f"{said} is not known of: {who}.")
    return None


def values(season: Season, to: Recipient, lang: str) -> dict[str, str]:
    """What the names stand for in the mail to this recipient; empty where that is not known. What people typed becomes
    no link."""
    programme, team, meeting, question = season.programme, to.team, to.session, to.question
    due = question.due_at if question is not None else None
    known = {
        "name": unlinked(to.person.name),
        "team": unlinked(team.name) if team else "",
        "home": unlinked(team.home) if team else "",
        "group": programme.group(team.group).name.say(lang) if team and team.group else "",
        "stage": state_name(programme, team.state).say(lang) if team else "",
        "asked": unlinked(open_questions.asked(season, question).say(lang)) if question is not None else "",
        "due": formatting.until(due, lang, programme.tz) if due is not None else "",
        "session": "", "when": "", "place": "",
    }  # fmt: skip
    if meeting is not None:
        known["session"] = state_name(programme, meeting.stage).say(lang)
        known["when"] = formatting.span(meeting.starts_at, meeting.ends_at, lang, programme.tz)
        known["place"] = str(meeting.place.get(lang) or meeting.place.get("et") or "")
    return known


def filled(season: Season, to: Recipient, words: OwnWords) -> tuple[str, str]:
    """Subject and body for this recipient, in their language."""
    lang = to.person.lang
    known = values(season, to, lang)

    def say(typed: str) -> str:
        return _NAME.sub(lambda found: known.get(found[1], found[0]), typed)

    return clean(say(words.subject.get(lang, "")))[:300], clean_text(say(words.body.get(lang, "")))


def send(
    season: Season, session: Session, letter: str, found: Sequence[Recipient], words: OwnWords, actor: Actor,
    now: datetime, written: WrittenMail | None = None, poll: Poll | None = None,
) -> int:  # fmt: skip
    """Queue the letter to everybody; how many mails that was. letter: a name of this letter, so that the same words of
    it reach nobody twice. written: its row, whose files go with it, and which says when it
    leaves. poll: the question that goes with it."""
    told: dict[int, tuple[Team, str]] = {}
    queued = 0
    for one in found:
        notice = _notice(season, letter, one, words, actor.person, written)
        if poll is not None:
            leaves = max(now, written.leave_at or now) if written is not None else now
            heading = str(notice.facts["heading"])
            question = polls.ask(season, session, poll, letter, one.person, one.team, heading, leaves)
            notice = replace(notice, question=question)
        if season.post(session, notice, now) is not None:
            queued += 1
            if one.team is not None:
                told.setdefault(one.team.id, (one.team, str(notice.facts["heading"])))
    for team, subject in told.values():
        record(session, team, HistoryEvent.WROTE, actor, now, why=subject)
    return queued


def _notice(
    season: Season, letter: str, to: Recipient, words: OwnWords, by: Person | None, written: WrittenMail | None
) -> Notice:
    subject, body = filled(season, to, words)
    return Notice(
        template=LETTER,
        key=f"{LETTER}:{letter}:{words.digest(to.person.lang)}:{to.person.id}",
        person=to.person,
        team=to.team,
        question=to.question,
        facts={"heading": subject, "written": body},
        signed_by=by,
        written=written,
    )


def test(
    season: Season, session: Session, letter: str, like: Recipient, words: OwnWords, me: Person, now: datetime,
    written: WrittenMail | None,
) -> bool:  # fmt: skip
    """A copy of the mail to one recipient for the coordinator to look at; False where it went before."""
    subject, body = filled(season, like, words)
    mark = "test" if like.person.lang == "en" else "proov"
    notice = Notice(
        template=LETTER,
        key=f"{LETTER}:test:{letter}:{words.digest()}:{like.person.id}:{me.id}",
        person=me,
        facts={"heading": f"[{mark}] {subject}", "written": body},
        signed_by=me,
        written=written,
    )
    return season.post(session, notice, now) is not None
