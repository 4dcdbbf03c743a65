"""Letters of known people to the programme's own address, or in reply to a mail that asked nothing.

A sender's name proves nothing, so nothing moves by it: words are answered to the address on file, a withdrawal is put
before the coordinator, an info-day guest is signed off only in reply to the mail that invited them, and all else waits
for the coordinator, hung on person and team, with a receipt a day. Strangers get silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.answering import read_back, withdrawal
from workflow.answering.held_letters import came_from
from workflow.answering.submit import actor_for
from workflow.codes import LetterOutcome
from workflow.database.models import InfoSignup, Letter, Message, Person, Team
from workflow.notices import Fact, Notice
from workflow.replies import understand
from workflow.replies.answers import Answer, AnswerKind, Asked, ReplyContent
from workflow.rules.doors import Door
from workflow.season import Season

MOST: Final = 5
"""an office's shared address may stand for so many people; more are not looked at"""
A_FEW: Final = 3
"""a day, of each kind of answer to a sender's name alone"""
_INVITES: Final = ("info_day", "info_day_reminder")
_GENERAL: Final = "rsvp"
"""to no question a letter is read as one about coming: what it says of staying away or leaving is the same"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSender:
    """One letter by people who are known by the address that it names as its sender."""

    season: Season
    session: Session
    row: Letter
    said: ReplyContent
    replied_to: Message | None
    """the mail of ours that it answers, as its headers say"""
    now: datetime

    def take(self, people: Sequence[Person]) -> LetterOutcome:
        """The letter's outcome; HEARD waits for the coordinator."""
        person = self._meant(people)
        self.row.person_id, self.row.team_id = person.id, person.team_id
        today = self.row.received_at.astimezone(self.season.programme.tz).date()
        understood = understand.understand(_GENERAL, self.said, Asked(today=today))
        if understood.kind in (AnswerKind.STATUS, AnswerKind.HELP):
            for one in people[:MOST]:
                self._tell(one, understood.kind)
            return LetterOutcome(understood.kind.value)
        if self._signs_off(person, understood):
            return LetterOutcome.SIGNED_OFF
        if understood.kind is AnswerKind.WITHDRAW and len(people) == 1 and self._withdraws(person, understood):
            return LetterOutcome.WITHDRAW
        if person.role != "coordinator":  # it is they who read it
            receipt(self.season, self.session, self.row, person, person.team, self.now, counted=False)
        return LetterOutcome.HEARD

    def _meant(self, people: Sequence[Person]) -> Person:
        """Of several at one address, the one whose mail is answered, else the first on a team."""
        replied = self.replied_to.person_id if self.replied_to is not None else None
        by_mail = [one for one in people if one.id == replied]
        return (by_mail or [one for one in people if one.team_id is not None] or list(people))[0]

    def _tell(self, person: Person, kind: AnswerKind) -> None:
        if self._told_today(person, kind) >= A_FEW:
            return
        facts: dict[str, Fact]
        if kind is AnswerKind.STATUS:
            facts = read_back.status(self.season, self.session, person, self.now)
        else:
            facts = read_back.owed(self.season, self.session, person)
        self._post(kind.value, f"{kind}:letter{self.row.id}:{person.id}", person, facts)

    def _told_today(self, person: Person, kind: AnswerKind) -> int:
        told = (Message.person_id == person.id, Message.template == kind.value, Message.question_id.is_(None))
        query = sa.select(sa.func.count()).where(*told, Message.created_at > self.now - timedelta(days=1))
        return self.session.scalar(query) or 0

    def _signs_off(self, person: Person, understood: Answer) -> bool:
        """An info-day guest who will not come, in reply to the mail that asked them: nobody else has its Message-ID."""
        replied = self.replied_to
        if person.role != "guest" or understood.kind not in (AnswerKind.NO, AnswerKind.WITHDRAW):
            return False
        if replied is None or replied.template not in _INVITES or replied.person_id != person.id:
            return False
        gone = self.session.execute(sa.delete(InfoSignup).where(InfoSignup.person_id == person.id))
        if gone.rowcount:  # type: ignore[attr-defined]
            self._post("signed_off", f"signed_off:letter{self.row.id}", person, {})
        return True

    def _withdraws(self, person: Person, understood: Answer) -> bool:
        """Whether the withdrawal was put before the coordinator."""
        proof = {"message_id": self.row.message_id, "sender": self.row.sender, "words": understood.words[:500]}
        actor = actor_for(
            person, via=Door.MAIL, place=came_from(self.row), question=None, letter=self.row, proof=proof
        )  # fmt: skip
        if not withdrawal.may_ask(self.season, person):
            return False
        if not withdrawal.only_proposes(self.season, self.session, person, actor, self.now):
            return False
        withdrawal.ask(self.season, self.session, person, understood.text, actor, self.now, None)
        return True

    def _post(self, template: str, key: str, person: Person, facts: dict[str, Fact]) -> None:
        notice = Notice(
            template=template, key=key, person=person, team=person.team, facts=facts, answering=self.row
        )  # fmt: skip
        self.season.post(self.session, notice, self.now)


def receipt(
    season: Season, session: Session, letter: Letter, person: Person, team: Team | None, now: datetime, *, counted: bool
) -> None:
    """Tell the writer, once a day, that the coordinator will read the letter. counted: an answer in it was taken."""
    day = f"{now.astimezone(season.programme.tz):%Y%m%d}"
    notice = Notice(
        template="heard", key=f"heard:{person.id}:{day}", person=person, team=team, facts={"counted": counted},
        answering=letter,
    )  # fmt: skip
    season.post(session, notice, now)
