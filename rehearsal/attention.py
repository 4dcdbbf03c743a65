"""The coordinator's attention: whose words nobody read, which notices stand for nothing, and how much she had to do.

Judged by the rehearsal's own books: what each person meant, and where the story left each team. Reads, never writes.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rehearsal.record import Act
from rehearsal.world import World
from workflow.answering import held_letters
from workflow.answering.overtaken import BY
from workflow.codes import AlertKind, LetterOutcome, LetterStatus
from workflow.database.models import Alert, Letter, Message, Person, Team

HEARD: Final = frozenset((
    LetterOutcome.ACCEPTED, LetterOutcome.WITHDRAW, LetterOutcome.STATUS, LetterOutcome.HELP, LetterOutcome.OUTDATED,
))  # fmt: skip)
"""outcomes of letters that changed something, or were answered with what they asked for, or with the question anew"""
OVER: Final = ("completed", "declined", "released", "withdrawn", "waitlisted")
LASTS: Final = frozenset((AlertKind.BOUNCE, AlertKind.DOMAIN, AlertKind.UNSENT, AlertKind.SLOW))
"""notices about mail that does not arrive: they may outlast a team's season"""


def acts(world: World) -> dict[str, int]:
    """What she had to do by herself: letters to decide, steps to approve, notices to see to."""
    approvals = sum(1 for act in world.record.acts if act.via == "office" and act.note == "decided on the page")
    return {"letters": world.record.letters_decided, "approvals": approvals, "notices": len(world.record.notices)}


def silences(session: Session) -> int:
    """How often the mailbox was called silent."""
    query = sa.select(sa.func.count()).select_from(Alert).where(Alert.kind == AlertKind.MAILBOX_SILENT)
    return session.scalar(query) or 0


def unread(world: World, letters: Iterable[Letter]) -> Iterator[str]:
    """Letters of people that ended by themselves, though what they say is not what counts."""
    for letter in letters:
        act = world.record.by_message.get(letter.message_id)
        if act is None or act.via == "machine" or letter.status != LetterStatus.DONE or letter.outcome in HEARD:
            continue
        person_saw = letter.outcome in held_letters.REASONS and not letter.resolution.startswith(f"{BY}: ")
        if not person_saw and not _said_elsewhere(world, act, letter):
            yield f"letter {letter.id} of {act.who} ({act.means.says()}, {act.note}) ended as {letter.outcome} unread"


def _said_elsewhere(world: World, act: Act, letter: Letter) -> bool:
    """Whether the same counts all the same; of words that nobody could take for an answer, whether their writer has
    given a plain one since and asked for nothing."""
    if act.question is None:
        return False
    of_it = (a for a in world.record.acts if a.question and a.question.id == act.question.id and a.answers)
    plain = [a for a in of_it if a.stands or a.void]
    if act.means.kind == "unclear" or act.question.kind == "reflection":
        return "?" not in letter.text and any(a.who == act.who for a in plain)
    return any(a.means == act.means for a in plain)


def stale(world: World, session: Session) -> Iterator[str]:
    """Notices that stand at the end about a team whose season is over, or an address that is another since."""
    query = sa.select(Alert, Team, Person).outerjoin(Team, Team.id == Alert.team_id)
    query = query.outerjoin(Person, Person.id == Alert.person_id).where(Alert.standing()).order_by(Alert.id)
    for alert, team, person in session.execute(query):
        over = team is not None and team.state in OVER and alert.kind not in LASTS
        mended = alert.kind == AlertKind.BOUNCE and person is not None and person.address_state == "ok"
        sent = _message_sent(session, alert)
        if over or mended or sent or alert.kind in (AlertKind.DEADLINE, AlertKind.MAILBOX_SILENT):
            yield f"notice {alert.id} ({alert.key}) stands: {alert.says['en']}"


def _message_sent(session: Session, alert: Alert) -> bool:
    if alert.kind not in (AlertKind.UNSENT, AlertKind.SLOW) or "message" not in alert.about:
        return False
    return session.scalar(sa.select(Message.status).where(Message.id == alert.about["message"])) == "sent"
