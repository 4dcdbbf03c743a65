"""A coordinator's letter as it stands on its page: typed just now or kept as a draft, and who would get it.

Must never write.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from flask import request, url_for
from sqlalchemy.orm import Session

from web.context import here
from web.request import field, moment_of, number
from workflow.coordinator import audience, polls, writing, written_mails
from workflow.coordinator.audience import Audience, Recipient, Side
from workflow.coordinator.polls import Poll
from workflow.coordinator.writing import OwnWords
from workflow.coordinator.written_mails import WrittenContent
from workflow.database.models import WrittenFile, WrittenMail
from workflow.rules.questions import PollForm
from workflow.season import Season
from workflow.text.bilingual import LANGUAGES

FIELDS: Final = ("leave", "ask", "choices_et", "choices_en", "due")
"""the fields beside whom it is for and what it says"""
SIDES: Final = tuple(Side)
_NAME: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMail:
    """The letter as it stands on the page, and who would get it."""

    id: int | None
    """its row's; none where nothing was kept yet"""
    name: str
    """the same in every form of this letter, so that it goes once"""
    content: WrittenContent
    found: list[Recipient]
    files: tuple[WrittenFile, ...] = ()

    @property
    def wanted(self) -> Audience:
        return self.content.wanted

    @property
    def words(self) -> OwnWords:
        return self.content.words

    @property
    def leave_at(self) -> datetime | None:
        """When it is to leave; None: at once, or where that is no moment."""
        return moment_of(self.content.typed.get("leave", "").strip())

    @property
    def poll(self) -> Poll | None:
        """The question that goes with it, as far as it is typed."""
        typed = self.content.typed
        if typed.get("ask") not in set(PollForm):
            return None
        words = {lang: polls.listed(typed.get(f"choices_{lang}", "")) for lang in LANGUAGES}
        due = moment_of(typed.get("due", "").strip(), end_of_day=True)
        return Poll(form=PollForm(typed["ask"]), choices=words, due=due)

    def filled(self, season: Season) -> dict[int, tuple[str, str]]:
        """Subject and body for each recipient, by their number: every value in its place."""
        return {one.person.id: writing.filled(season, one, self.words) for one in self.found}

    def digest(self, season: Season) -> str:
        """Tells what was shown: these mails, word for word, to these people, with these files, then."""
        people = [(one.person.id, one.person.lang) for one in self.found]
        files = [(one.name, one.sha256) for one in self.files]
        words = sorted(self.filled(season).items())
        whole = json.dumps([self.name, self.words.digest(), people, words, files, dict(self.content.typed)])
        return sha256(whole.encode()).hexdigest()[:32]


def typed(session: Session, mail: WrittenMail | None) -> DraftMail:
    """What the form sent; of an address alone: an empty letter to whom it names."""
    return _draft(session, name(), content(), mail)


def of(session: Session, mail: WrittenMail) -> DraftMail:
    """The draft as it was kept."""
    return _draft(session, mail.name, written_mails.content(mail), mail)


def _draft(session: Session, called: str, given: WrittenContent, mail: WrittenMail | None) -> DraftMail:
    found = audience.recipients(here().season, session, given.wanted, here().now())
    files = tuple(mail.files) if mail is not None else ()
    return DraftMail(id=mail.id if mail else None, name=called, content=given, found=found, files=files)


def content() -> WrittenContent:
    """What stands in the form's fields."""
    return WrittenContent(
        wanted=wanted(),
        words=OwnWords(
            {lang: request.form.get(f"subject_{lang}", "") for lang in LANGUAGES},
            {lang: request.form.get(f"body_{lang}", "") for lang in LANGUAGES},
        ),
        typed={name: request.form.get(name, "") for name in FIELDS},
    )


def name() -> str:
    given = field("letter")
    return given if given.isascii() and given.isalnum() and len(given) <= _NAME else here().token()[:_NAME]


def like() -> str:
    """Whose mail is to be shown, by their number."""
    return request.values.get("like", "").strip()


def wanted() -> Audience:
    """Whom the address or the form names; what there is not is left out."""
    chosen, programme = request.values, here().programme
    group, state, said = (chosen.get(name, "") for name in ("group", "state", "said"))
    meeting = number(chosen.get("session"))
    side = chosen.get("side", "")
    return Audience(
        side=Side(side) if side in SIDES else Side.MEMBERS if meeting is not None else Side.CONTACT,
        team=number(chosen.get("team")),
        group=group if any(one.key == group for one in programme.groups) else "",
        state=state if state in here().season.machine.states else "",
        session=meeting,
        said=said if said in audience.OF_A_SESSION else "",
    )


def address(whom: Audience, *, new: bool = False) -> str:
    """The page of an empty letter to these people; of the draft to them, unless it is to be a new one."""
    named: dict[str, Any] = {**whom.plain(), **({"new": 1} if new else {})}
    return url_for("office.write.page", **named)
