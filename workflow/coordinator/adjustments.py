"""What the coordinator does beside moving teams: mails held and failed, alerts, due dates, late passes.

Each function acts in the caller's transaction and returns None when it did what was asked, or the sentence
that says why nothing was done. A second click changes nothing and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Text
from workflow.database import notify as waking
from workflow.database.models import Alert, Extension, HoursRow, LatePass, Message, Person, Question, Team
from workflow.journey import mentoring
from workflow.journey.guests import Guest, as_person
from workflow.notices import Fact, Notice, Refile
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import record
from workflow.rules import hours
from workflow.rules.application import address_key, clean, clean_text
from workflow.rules.questions import WORK_QUESTION
from workflow.season import Actor, Season

RETRY = ("failed", "bounced", "uncertain")
BODY_MAX = 20_000


def person_of(session: Session, person_id: int, *roles: str) -> Person | None:
    """The person of that id where they hold one of these roles and are still with us."""
    person = session.get(Person, person_id)
    return person if person is not None and person.role in roles and person.left_at is None else None


# -- mails that wait or failed --------------------------------------------------------------------


def release(session: Session, message: Message, now: datetime) -> Text | None:
    """A held mail leaves."""
    session.refresh(message, with_for_update=True)
    if message.status != "held":
        return _not_held(message)
    if _dead(session, message):
        return _dead_address(message)
    message.status, message.next_at, message.tries, message.error = "queued", now, 0, ""
    waking.ring(session)
    return None


def drop(session: Session, message: Message, now: datetime) -> Text | None:
    """A mail that waits or failed is never sent (again)."""
    session.refresh(message, with_for_update=True)
    if message.status not in ("held", *RETRY):
        return _not_held(message)
    message.status, message.next_at = "dropped", now
    return None


def retry(session: Session, message: Message, now: datetime) -> Text | None:
    """A mail that could not be delivered is tried again, with the same Message-ID."""
    session.refresh(message, with_for_update=True)
    if message.status not in RETRY:
        return Text(
            et=f"Kiri „{message.subject}“ ei ole enam ebaõnnestunud: midagi ei tehtud.",
            en=f"“{message.subject}” is no longer a failed mail: nothing was done.",
        )
    if _dead(session, message):
        return _dead_address(message)
    message.status, message.next_at, message.error = "queued", now, ""
    message.tries, message.broken = 0, 0  # `attempt` goes on: a sender that comes back late must not settle this one
    waking.ring(session)
    return None


def edit(session: Session, message: Message, subject: str, body: str, now: datetime) -> Text | None:
    """Other words for a held mail. `body` is the mail's source, the same kind as its template's."""
    session.refresh(message, with_for_update=True)
    words, line = clean_text(body), clean(subject)
    if message.status != "held":
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
    """The coordinator has seen to it; False where it was settled before."""
    session.refresh(alert, with_for_update=True)
    if alert.settled_at is not None:
        return False
    alert.settled_at = now
    return True


def settle_hours(
    season: Season, session: Session, row: HoursRow, choice: str, actor: Actor, now: datetime
) -> Text | None:
    """Held hours as chosen; the alert about them is settled with them."""
    ledger = queries.entries(queries.ledger(session, row.team_id))
    waits = row.id in {e.id for e in hours.open_entries(ledger, hours.EntryKind.HELD)}
    left = queries.ledger_balance(session, season.programme, row.team_id, row.stage).left
    if waits and choice == "left" and left <= 0:
        return Text(
            et="Ühtegi tundi ei ole alles: andke tunde juurde või jätke need arvestamata.",
            en="No hours are left: grant more, or do not count these.",
        )
    refused = mentoring.settle_held(season, session, row, choice, actor, now)
    alert = session.scalars(sa.select(Alert).where(Alert.key == f"hours:{row.id}")).first()
    if refused is None and alert is not None:
        settle_alert(session, alert, now)
    return refused


# -- due dates and addresses ----------------------------------------------------------------------


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
        session, team, "extended", actor, now, why=clean(why), proof={"stage": stage_key, "until": until.isoformat()}
    )
    asked = _asked_work(season, session, team, stage_key)
    if asked is not None:
        asking.move_due(season, session, asked, until, now)
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
    kinds = set(WORK_QUESTION.values())
    asked = queries.open_questions(session, team_id=team.id)
    return next((q for q in asked if q.stage == stage_key and q.kind in kinds), None)


def readdress(
    session: Session, person: Person, address: str, actor: Actor, now: datetime, refile: Refile
) -> Text | None:
    """A new address for a member; mails that wait for them go there. What was held stays held."""
    key = address_key(address)
    if key is None:
        return Text(
            et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org."
        )
    if person.team is None:
        return Text(et="Selle inimese aadress on seadetes.", en="This person's address stands in the settings.")
    if address.strip() == person.address and person.address_state == "ok":
        return Text(et="See aadress kehtib juba.", en="That is the address already.")
    if any(p.address_key == key and p.id != person.id for p in queries.members(session, person.team.id)):
        return Text(et="See aadress on juba teisel liikmel.", en="Another member has this address already.")
    old, person.address, person.address_key = person.address, address.strip(), key
    person.address_state, person.address_note = "ok", ""
    redirect(session, person, now, refile)
    record(
        session, person.team, "readdressed", actor, now, why=f"{old} → {person.address}", proof={"person": person.id}
    )
    return None


def redirect(session: Session, person: Person, now: datetime, refile: Refile) -> None:
    """Mails that have not reached the person go to their address of now, and so says their calendar file."""
    waiting = sa.select(Message).where(Message.person_id == person.id, Message.status.in_(["held", "queued", *RETRY]))
    for message in session.scalars(waiting.with_for_update()):
        message.to_address = person.address
        if message.calendar is not None:
            message.calendar = refile(message, now) or message.calendar


# -- late passes ----------------------------------------------------------------------------------


def issue_pass(
    season: Season, session: Session, address: str, why: str, until: datetime, lang: str, now: datetime
) -> LatePass | Text:
    """Leave to apply after the deadline, mailed to this address; or the sentence that says why not."""
    key = address_key(address)
    if key is None:
        return Text(
            et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org."
        )
    if until <= now:
        return Text(et="Luba peab kehtima tulevikus.", en="The pass must end in the future.")
    before = session.scalars(
        sa.select(LatePass).where(LatePass.address == key, LatePass.team_id.is_(None), LatePass.until > now)
    ).first()
    if before is not None:
        return Text(et="Sellel aadressil on luba juba olemas.", en="This address has a pass already.")
    given = LatePass(secret=season.secret(), address=key, why=clean(why), until=until)
    session.add(given)
    session.flush()
    link = f"{season.base_url}/apply?pass={given.secret}"
    facts: dict[str, Fact] = {"until": until, "apply_link": link}
    given_to = Guest(name=address.strip(), address=address.strip(), lang=lang)
    guest = as_person(session, given_to, now)
    season.post(session, Notice(template="late_pass", key=f"late_pass:{given.id}", person=guest, facts=facts), now)
    return given
