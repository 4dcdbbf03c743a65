"""The peer of our handling: the same chain with the same effects, written straightforwardly.

One ORM transaction a letter; the standard library reads the mail (`policy.default`); rows are loaded when they are
needed and written by the unit of work. It is given our machine and our rendering, so that what is compared is how
letters are taken, read, looked up and written. What our own way does besides (second answers, forgeries, quotes,
caps, leases) it leaves out.
"""

import email
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.season import NOW, Laid
from mail.composing.compose import Composer
from workflow.config.loader import Text
from workflow.database.engine import fresh_salt
from workflow.database.models import Addressee, Duty, HistoryRow, Letter, Message, Person, Question, Submission, Team
from workflow.notices import Notice
from workflow.records import queries
from workflow.rules.machine import Decision, Trigger, Who, state_name
from workflow.rules.requirements import missing, required
from workflow.security.chain import Head, linked


def handle_all(laid: Laid) -> int:
    """Every letter that is new, oldest first. Returns how many there were."""
    done = 0
    while True:
        with laid.db.writing() as session:
            query = sa.select(Letter).where(Letter.status == "new", Letter.next_at <= NOW)
            letter = session.scalars(query.order_by(Letter.next_at, Letter.id).limit(1)).first()
            if letter is None:
                return done
            _handle(laid, session, letter)
            done += 1


def _handle(laid: Laid, session: Session, letter: Letter) -> None:
    mail = email.message_from_bytes(letter.raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    new, _, quoted = text.partition("5.04.2022")
    sender = parseaddr(str(mail["From"]))[1]
    secret = letter.recipients[0].partition("@")[0].removeprefix("r-")
    addressee = session.scalars(sa.select(Addressee).where(Addressee.secret == secret)).one()
    question, trainer = addressee.question, addressee.person
    assert sender == trainer.address and new.split()[0] == "JAH" and question.closed_at is None
    letter.attempt, letter.kind, letter.sender, letter.subject = 1, "person", sender, str(mail["Subject"])
    letter.message_id, letter.text, letter.quoted = str(mail["Message-ID"]), new, quoted
    letter.question_id, letter.team_id, letter.person_id = question.id, question.team_id, trainer.id
    _accept(laid, session, letter, question, trainer)
    letter.status, letter.outcome = "done", "accepted"


def _accept(laid: Laid, session: Session, letter: Letter, question: Question, trainer: Person) -> None:
    assert question.team is not None
    team, machine, programme = question.team, laid.season.machine, laid.season.programme
    question.closed_at, question.outcome, question.answered_by_id = NOW, "yes", trainer.id
    question.answered_via, question.letter_id, question.answer = "mail", letter.id, {"kind": "yes"}
    for duty in session.scalars(sa.select(Duty).where(Duty.question_id == question.id, Duty.done_at.is_(None))):
        duty.done_at, duty.outcome = NOW, "void"
    submission = session.get_one(Submission, question.about["submission"])
    submission.status, submission.reviewed_by_id, submission.reviewed_at = "accepted", trainer.id, NOW
    _record(session, team, "accepted", trainer.name, person_id=trainer.id, question_id=question.id, letter_id=letter.id)
    contact, deputy, *_ = queries.members(session, team.id)
    stage = programme.stage(submission.stage)
    assert stage.work is not None
    _mail(laid, session, "work_accepted", contact, team, stage.key, {"work": stage.work.name, "comment": ""})
    decision = machine.decide(queries.facts(session, machine, team), Trigger.ADVANCE, NOW, who=Who.CALENDAR)
    assert isinstance(decision, Decision)
    row = _record(session, team, "advance", "Teekond", from_state=decision.source, to_state=decision.target)
    team.state, team.state_since, team.version = decision.target, NOW, team.version + 1
    tasks = missing(required(programme, queries.facts(session, machine, team), NOW))
    facts = {"next": state_name(programme, team.state), "tasks": tuple(one.says for one in tasks)}
    for person in (contact, deputy):
        _mail(laid, session, "stage_done", person, team, team.state, facts, history=row)
    says = Text(et=f"{team.name}: töö on vastu võetud.", en=f"{team.name}: the work is accepted.")
    _mail(
        laid, session, "read_back", trainer, team, stage.key, {"done": (says,), "undo_until": None},
        question=question, answering=letter,
    )  # fmt: skip


def _record(session: Session, team: Team, event: str, actor: str, **rest: Any) -> HistoryRow:
    newest = sa.select(HistoryRow).where(HistoryRow.team_id == team.id).order_by(HistoryRow.number.desc()).limit(1)
    last = session.scalars(newest).first()
    said = {
        "team_id": team.id, "at": NOW, "event": event, "from_state": None, "to_state": None, "actor": actor,
        "person_id": None, "why": "", "question_id": None, "letter_id": None, "proof": {}, **rest,
    }  # fmt: skip
    salt = session.scalar(sa.select(fresh_salt())) or ""
    row = HistoryRow(**linked(said, Head(last.number, last.hash) if last else Head(), salt))
    session.add(row)
    session.flush()
    return row


def _mail(
    laid: Laid, session: Session, template: str, to: Person, team: Team, stage: str, facts: Any, **rest: Any
) -> None:
    composer = laid.season.post
    assert isinstance(composer, Composer)
    notice = Notice(
        template=template, key=f"{template}:{team.id}:{team.version}:{to.id}", person=to, team=team, stage=stage,
        facts=facts, **rest,
    )  # fmt: skip
    session.add(Message(**composer.row(session, notice, NOW)))
