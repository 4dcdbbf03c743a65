"""Coordinator's adjustments: held and failed mails, alerts, due dates, late passes.

Each function acts in the caller's transaction and returns None when it did what was asked, or the sentence
that says why nothing was done. A second click changes nothing and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import NOT_ARRIVED, NOT_SENT, HistoryEvent, MessageStatus
from workflow.database import notify
from workflow.database.models import Alert, Extension, HoursRow, LatePass, Message, Person, Question, Team
from workflow.journey import mentoring
from workflow.journey.guests import Guest, as_person
from workflow.notices import Fact, Notice
from workflow.records import open_questions, queries
from workflow.records.history import record
from workflow.rules import hours
from workflow.rules.application import NO_ADDRESS, address_key, clean, clean_text
from workflow.rules.questions import WORK
from workflow.season import Actor, Season
from workflow.security.own_links import PLACEHOLDER
from workflow.text.bilingual import Text

BODY_MAX = 20_000


def person_of(session: Session, person_id: int, *roles: str) -> Person | None:
    """The person of that id where they hold one of these roles and are still with us."""
    person = session.get(Person, person_id)
    return person if person is not None and person.role in roles and person.left_at is None else None


# -- mails that wait or failed --------------------------------------------------------------------


def release(session: Session, message: Message, now: datetime) -> Text | None:
    """A held mail leaves."""
    session.refresh(message, with_for_update=True)
    if message.status != MessageStatus.HELD:
        return _not_held(message)
    if _dead(session, message):
        return _dead_address(message)
    message.status, message.next_at, message.tries = MessageStatus.QUEUED, now, 0
    message.fault = message.error = ""
    notify.ring(session)
    return None


def drop(session: Session, message: Message, now: datetime) -> Text | None:
    """A mail that waits or failed is never sent (again)."""
    session.refresh(message, with_for_update=True)
    if message.status not in NOT_SENT:
        return _not_held(message)
    message.status, message.next_at = MessageStatus.DROPPED, now
    return None


def retry(session: Session, message: Message, now: datetime) -> Text | None:
    """A mail that could not be delivered is tried again, with the same Message-ID."""
    session.refresh(message, with_for_update=True)
    if message.status not in NOT_ARRIVED:
        return Text(
            et=f"Kiri „{message.subject}“ ei ole enam ebaõnnestunud: midagi ei tehtud.",
            en=f"“{message.subject}” is no longer a failed mail: nothing was done.",
        )
    if _dead(session, message):
        return _dead_address(message)
    message.status, message.next_at = MessageStatus.QUEUED, now
    message.fault = message.error = ""
    message.tries, message.broken = 0, 0  # `attempt` goes on: a sender that comes back late must not settle this one
    notify.ring(session)
    return None


def edit(session: Session, message: Message, subject: str, body: str, now: datetime) -> Text | None:
    """Other words for a held mail. `body` is the mail's source, the same kind as its template's."""
    session.refresh(message, with_for_update=True)
    words, line = clean_text(body), clean(subject)
    if message.status != MessageStatus.HELD:
        return _not_held(message)
    if not line or not words:
        return Text(et="Kirjal peab olema pealkiri ja sisu.", en="A mail needs a subject and a body.")
    if len(line) > 500 or len(words) > BODY_MAX:
        return Text(et="Tekst on liiga pikk.", en="The text is too long.")
    if (message.subject, message.body) != (line, words + "\n"):
        message.subject, message.body, message.edited_at = line, words + "\n", now
    return None


def _dead(session: Session, message: Message) -> bool:
    person = session.get(Person, message.person_id) if message.person_id else None
    return person is not None and person.address_state == "dead"


def _dead_address(message: Message) -> Text:
    return Text(
        et=f"Aadress {message.to_address} ei võta kirju vastu. Parandage see enne meeskonna lehel.",
        en=f"{message.to_address} does not take mail. Mend the address on the team's page first.",
    )


def _not_held(message: Message) -> Text:
    return Text(
        et=f"Kiri „{message.subject}“ ei oota enam: midagi ei tehtud.",
        en=f"“{message.subject}” no longer waits: nothing was done.",
    )


def each(
    session: Session,
    ids: Iterable[int],
    act: Callable[[Session, Message, datetime], Text | None],
    now: datetime,
) -> list[tuple[Message, Text | None]]:
    """Do the same with each of these mails; a result for each."""
    found = session.scalars(sa.select(Message).where(Message.id.in_(set(ids))).order_by(Message.id)).all()
    return [(message, act(session, message, now)) for message in found]


# -- alerts ---------------------------------------------------------------------------------------


def settle_alert(session: Session, alert: Alert, now: datetime) -> bool:
    """The coordinator has seen to it; False where it was settled before, or fell away."""
    session.refresh(alert, with_for_update=True)
    if alert.settled_at is not None or alert.mended_at is not None:
        return False
    alert.settled_at = now
    return True


def settle_hours(
    season: Season, session: Session, row: HoursRow, choice: str, actor: Actor, now: datetime
) -> Text | None:
    """Held hours as chosen."""
    ledger = queries.entries(queries.ledger(session, row.team_id))
    waits = row.id in {e.id for e in hours.open_entries(ledger, hours.EntryKind.HELD)}
    left = queries.ledger_balance(session, season.programme, row.team_id, row.stage).left
    if waits and choice == "left" and left <= 0:
        return Text(
            et="Ühtegi tundi ei ole alles: andke tunde juurde või jätke need arvestamata.",
            en="No hours are left: grant more, or do not count these.",
        )
    return mentoring.settle_held(season, session, row, choice, actor, now)


# -- due dates ----------------------------------------------------------------------


def extend(
    season: Season, session: Session, team: Team, stage_key: str, until: datetime, why: str, actor: Actor, now: datetime
) -> Text | None:
    """A later due date for one team's work: the open question and its reminders move, the contact is told."""
    session.refresh(team, with_for_update=True)
    refused = _no_extension(season, session, team, stage_key, until, why, now)
    if refused is not None:
        return refused
    session.add(Extension(team_id=team.id, stage=stage_key, until=until, why=clean(why), at=now))
    row = record(
        session,
        team,
        HistoryEvent.EXTENDED,
        actor,
        now,
        why=clean(why),
        proof={"stage": stage_key, "until": until.isoformat()},
    )
    asked = _asked_work(season, session, team, stage_key)
    if asked is not None:
        open_questions.move_due(season, session, asked, until, now)
    contact = queries.contact(session, team.id)
    work = season.programme.stage(stage_key).work
    if contact is not None and work is not None:
        facts: dict[str, Fact] = {"work": work.name, "until": until, "why": clean(why)}
        notice = Notice(
            template="extension",
            key=f"extension:{row.id}",
            person=contact,
            team=team,
            question=asked,
            stage=stage_key,
            facts=facts,
        )
        season.post(session, notice, now)
    return None


def _no_extension(
    season: Season, session: Session, team: Team, stage_key: str, until: datetime, why: str, now: datetime
) -> Text | None:
    """Why a due date cannot be moved so."""
    stage = next((s for s in season.programme.stages if s.key == stage_key), None)
    if stage is None or stage.work is None:
        return Text(et="Selles etapis ei ole tööd, mida esitada.", en="Nothing is handed in at this stage.")
    due = queries.work_due(session, season.programme, team, stage_key)
    if until <= now:
        return Text(et="Uus tähtaeg peab olema tulevikus.", en="The new due date must lie ahead.")
    if due is not None and until <= due:
        return Text(et="Uus tähtaeg peab olema praegusest hilisem.", en="The new due date must be later than today's.")
    if not clean(why):
        return Text(et="Kirjutage põhjus: see läheb kirja meeskonnale.", en="Write the reason: it goes to the team.")
    return None


def _asked_work(season: Season, session: Session, team: Team, stage_key: str) -> Question | None:
    asked = queries.open_questions(session, team_id=team.id)
    return next((q for q in asked if q.stage == stage_key and q.kind in WORK), None)


# -- late passes ----------------------------------------------------------------------------------


def issue_pass(
    season: Season, session: Session, address: str, why: str, until: datetime, lang: str, now: datetime
) -> LatePass | Text:
    """Leave to apply after the deadline, mailed to this address; or the sentence that says why not."""
    key = address_key(address)
    if key is None:
        return NO_ADDRESS
    if until <= now:
        return Text(et="Luba peab kehtima tulevikus.", en="The pass must end in the future.")
    before = session.scalars(
        sa.select(LatePass).where(LatePass.address == key, LatePass.team_id.is_(None), LatePass.until > now)
    ).first()
    if before is not None:
        return Text(et="Sellel aadressil on luba juba olemas.", en="This address has a pass already.")
    link = season.link(f"late_pass:{season.secret()}")
    given = LatePass(secret=link.secret, address=key, why=clean(why), until=until)
    session.add(given)
    session.flush()
    facts: dict[str, Fact] = {"until": until, "apply_link": f"{season.base_url}/apply?pass={PLACEHOLDER}"}
    given_to = Guest(name=address.strip(), address=address.strip(), lang=lang)
    guest = as_person(session, given_to, now)
    notice = Notice(template="late_pass", key=f"late_pass:{given.id}", person=guest, facts=facts, link_seed=link.seed)
    season.post(session, notice, now)
    return given
