"""Mentoring: assigning mentors, booking and reporting hours, confirming them, and the cap on hours.

The ledger is only ever added to; what it adds up to is `workflow.rules.hours`. The cap is checked in the
transaction that writes, over all mentors of the team.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, HistoryEvent
from workflow.database.engine import lock_places
from workflow.database.models import HoursRow, Mentorship, Person, Question, Team
from workflow.notices import Fact, Minutes, Notice
from workflow.records import open_questions, queries
from workflow.records.history import alert, record
from workflow.replies.answers import HoursEntry
from workflow.rules import hours
from workflow.rules.duties import Due, DutyKind, end_of_day
from workflow.rules.hours import Entry, EntryKind
from workflow.rules.questions import QuestionKind
from workflow.season import Actor, Season
from workflow.text import formatting, reasons
from workflow.text.bilingual import Text

ANSWER_DAYS = 7
ASK_AFTER = timedelta(hours=2)
"""how long after a booked session its mentor is asked"""


def assign(
    season: Season, session: Session, team: Team, mentor: Person, actor: Actor, now: datetime
) -> Mentorship | None:
    """Put a mentor at the team's side; both are told. None where the programme has no mentoring, or already so."""
    stage = queries.mentoring_stage(season.programme, team.state)
    if stage is None or any(m.person_id == mentor.id for m in queries.mentorships(session, team.id)):
        return None
    row = session.scalars(
        sa.select(Mentorship).where(Mentorship.team_id == team.id, Mentorship.person_id == mentor.id)
    ).first()
    if row is None:
        row = Mentorship(team_id=team.id, person_id=mentor.id, stage=stage, since=now)
        session.add(row)
    row.until, row.since = None, now
    session.flush()
    history = record(session, team, HistoryEvent.MENTOR, actor, now, why=mentor.name)
    _introduce(season, session, team, mentor, history.id, now)
    return row


def _introduce(season: Season, session: Session, team: Team, mentor: Person, cause: int, now: datetime) -> None:
    left = Minutes(queries.ledger_balance(session, season.programme, team.id).left)
    people = queries.members(session, team.id)
    contact = queries.contact(session, team.id)
    if contact is not None:
        facts: dict[str, Fact] = {"mentor": mentor.name, "mentor_address": mentor.address, "left": left}
        season.post(
            session,
            Notice(
                template="mentor_assigned",
                key=f"mentor_assigned:{cause}:{contact.id}",
                person=contact,
                team=team,
                facts=facts,
            ),
            now,
        )
        season.post(
            session,
            Notice(
                template="mentor_welcome",
                key=f"mentor_welcome:{cause}",
                person=mentor,
                team=team,
                facts={
                    "contact": contact.name,
                    "contact_address": contact.address,
                    "members": tuple(p.name for p in people),
                    "left": left,
                },
            ),
            now,
        )


def release(season: Season, session: Session, mentorship: Mentorship, actor: Actor, now: datetime) -> None:
    """The mentor steps back; what was given stays in the books, what was only booked is let go."""
    mentorship.until = now
    team = session.get_one(Team, mentorship.team_id)
    _drop_reserved(session, team, now, person_id=mentorship.person_id)
    record(session, team, HistoryEvent.MENTOR_LEFT, actor, now, why=mentorship.person.name)


def end(session: Session, team: Team, now: datetime) -> None:
    """The team goes no further: mentors are free, booked hours are let go."""
    for mentorship in queries.mentorships(session, team.id):
        mentorship.until = now
    _drop_reserved(session, team, now)


def _drop_reserved(session: Session, team: Team, now: datetime, *, person_id: int | None = None) -> None:
    rows = {r.id: r for r in queries.ledger(session, team.id)}
    for entry in hours.open_entries(queries.entries(list(rows.values())), EntryKind.RESERVED):
        if person_id in (None, entry.person_id):
            session.add(_row(rows[entry.id], EntryKind.DROPPED, 0, now, about=entry.id))
    session.flush()


def _row(
    like: HoursRow,
    kind: EntryKind,
    minutes: int,
    now: datetime,
    *,
    about: int | None,
    note: str = "",
    question: Question | None = None,
) -> HoursRow:
    return HoursRow(
        team_id=like.team_id,
        stage=like.stage,
        person_id=like.person_id,
        kind=kind,
        minutes=minutes,
        day=like.day,
        month=like.month,
        note=note,
        at=now,
        about_id=about,
        question_id=question.id if question else None,
    )


def _ledger(session: Session, team: Team) -> dict[str, hours.Fingerprint]:
    """How the ledger stands as a step is written down."""
    return {"ledger": hours.fingerprint(queries.entries(queries.ledger(session, team.id)))}


# -- booking --------------------------------------------------------------------------------------


def book(
    season: Season,
    session: Session,
    team: Team,
    mentor: Person,
    starts: datetime,
    minutes: int,
    actor: Actor,
    now: datetime,
) -> HoursRow | Text:
    """Reserve hours for a session ahead, or the sentence that says why not. The mentor is asked after it."""
    stage = queries.mentoring_stage(season.programme, team.state)
    if stage is None or mentor.id not in {m.person_id for m in queries.mentorships(session, team.id)}:
        return Text(
            et=f"{mentor.name} ei ole meeskonna {team.name} mentor.",
            en=f"{mentor.name} is no mentor of {team.name}.",
        )
    lock_places(session)
    left = queries.ledger_balance(session, season.programme, team.id, stage).left
    if minutes > left:
        return Text(
            et=f"Alles on {formatting.minutes(left, 'et')}: {formatting.minutes(minutes, 'et')} ei mahu.",
            en=f"{formatting.minutes(left, 'en')} left: {formatting.minutes(minutes, 'en')} do not fit.",
        )
    day = starts.astimezone(season.programme.tz).date()
    row = HoursRow(
        team_id=team.id,
        stage=stage,
        person_id=mentor.id,
        kind=EntryKind.RESERVED,
        minutes=minutes,
        day=day,
        month=hours.month_of(day, ""),
        at=now,
    )
    session.add(row)
    session.flush()
    due = Due(
        key=f"hours_after:{row.id}",
        kind=DutyKind.HOURS_AFTER,
        at=starts + timedelta(minutes=minutes) + ASK_AFTER,
        about={"entry": row.id},
    )
    open_questions.note_duties(session, [due], team=team)
    record(session, team, HistoryEvent.BOOKED, actor, now, proof={"entry": row.id, **_ledger(session, team)})
    return row


def ask_hours(
    season: Season, session: Session, team: Team, mentor: Person, key: str, month: str, now: datetime,
    *, instead: bool = False, stage: str | None = None,
) -> Question | None:  # fmt: skip
    """Ask a mentor for a month's hours. What is booked and past is listed, so that JAH confirms it, and so is what the
    month has already, so that nobody tells it twice. instead: of what was reported and taken back; stage: the mentoring
    that they are of, where the team may have gone on."""
    stage = stage or queries.mentoring_stage(season.programme, team.state)
    listed = booked(season, session, team, mentor, now)
    known = given_in(session, team.id, mentor.id, month)
    left = queries.ledger_balance(session, season.programme, team.id, stage).left
    return open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.HOURS,
            key=key,
            people=(mentor,),
            template="hours",
            team=team,
            stage=stage,
            about={
                "month": month,
                "entries": [r.id for r in listed],
                "known": [r.id for r, _ in known],
                "instead": instead,
            },
            due=end_of_day(now, ANSWER_DAYS, season.programme.tz),
            facts={
                "period": month,
                "entries": tuple((r.day, Minutes(r.minutes), r.note) for r in listed),
                "known": tuple((r.day, Minutes(minutes), r.note) for r, minutes in known),
                "left": Minutes(left),
            },
        ),
        now,
    )


def given_in(session: Session, team_id: int, mentor_id: int, month: str) -> list[tuple[HoursRow, int]]:
    """What a mentor's hours for a team in one month stand at: entries with what they count for."""
    rows = {r.id: r for r in queries.ledger(session, team_id)}
    return [
        (rows[entry.id], minutes) for entry, minutes in hours.effective(queries.entries(list(rows.values())))
        if (entry.person_id, entry.month) == (mentor_id, month)
    ]  # fmt: skip


def booked(season: Season, session: Session, team: Team, mentor: Person, now: datetime) -> list[HoursRow]:
    today = now.astimezone(season.programme.tz).date()
    rows = {r.id: r for r in queries.ledger(session, team.id)}
    found = hours.open_entries(queries.entries(list(rows.values())), EntryKind.RESERVED)
    return [rows[e.id] for e in found if e.person_id == mentor.id and (e.day or today) <= today]


# -- reporting ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: entries booked; entries held for the coordinator, over the cap or there already;
    minutes left afterwards."""

    booked: tuple[HoursRow, ...]
    held: tuple[HoursRow, ...]
    left: int

    @property
    def repeated(self) -> tuple[HoursRow, ...]:
        """Those held because the same stands there already."""
        return tuple(row for row in self.held if row.about_id is not None)


def report(
    season: Season,
    session: Session,
    question: Question,
    mentor: Person,
    given: Sequence[HoursEntry],
    actor: Actor,
    now: datetime,
    *,
    only: Collection[int] | None = None,
    instead: Sequence[HoursRow] = (),
) -> Reported:
    """Write a mentor's hours into the ledger; what would cross the cap, or stands there already, is held, with the
    coordinator told. What is booked and past is settled by it: all, or `only` these entries.

    instead: what it takes the place of; the bookings that had settled are settled by it now.
    """
    team = question.team
    assert team is not None and question.stage is not None
    lock_places(session)
    reserved = [r for r in booked(season, session, team, mentor, now) if only is None or r.id in only]
    freed = sum(r.minutes for r in reserved)
    reserved += [session.get_one(HoursRow, row.about_id) for row in instead if row.about_id is not None]
    settles = _match(given, reserved)
    left = queries.ledger_balance(session, season.programme, team.id, question.stage).left + freed
    fitting: list[HoursRow] = []
    held: list[HoursRow] = []
    for entry in given:
        row = HoursRow(
            team_id=team.id,
            stage=question.stage,
            person_id=mentor.id,
            kind=EntryKind.REPORTED,
            minutes=entry.minutes,
            day=entry.day,
            month=hours.month_of(entry.day, str(question.about["month"])),
            note=entry.note[:500],
            at=now,
            question_id=question.id,
            about_id=settles.get(id(entry)),
        )
        same = None if row.about_id else _there_already(session, row)
        if same is not None or entry.minutes > left:
            row.kind, row.about_id = EntryKind.HELD, same
        else:
            left -= entry.minutes
        (held if row.kind == EntryKind.HELD else fitting).append(row)
        session.add(row)
        session.flush()  # the next one may repeat it
    for row in reserved:
        if row.id not in {b.about_id for b in fitting}:
            session.add(_row(row, EntryKind.DROPPED, 0, now, about=row.id, question=question))
    session.flush()
    record(
        session,
        team,
        HistoryEvent.HOURS,
        actor,
        now,
        proof={"booked": [r.id for r in fitting], "held": [r.id for r in held], **_ledger(session, team)},
    )
    _hold(season, session, team, mentor, held, now)
    return Reported(
        tuple(fitting),
        tuple(held),
        queries.ledger_balance(session, season.programme, team.id, question.stage).left,
    )


def _there_already(session: Session, row: HoursRow) -> int | None:
    """The entry that says the same, whether it counts or is held itself."""
    entries = queries.entries(queries.ledger(session, row.team_id))
    held = [(e, e.minutes) for e in hours.open_entries(entries, EntryKind.HELD)]
    said = Entry(id=0, person_id=row.person_id, kind=EntryKind.REPORTED, minutes=row.minutes, day=row.day,
                 month=row.month)  # fmt: skip
    same = hours.repeated(said, [*hours.effective(entries), *held])
    return same.id if same else None


def _match(given: Sequence[HoursEntry], reserved: list[HoursRow]) -> dict[int, int]:
    """Which reservation each reported entry settles: the same day's, or the only one there is."""
    found, free = {}, list(reserved)
    for entry in given:
        fit = next((r for r in free if r.day == entry.day), None)
        fit = fit or (free[0] if entry.day is None and len(free) == len(given) == 1 else None)
        if fit is not None:
            free.remove(fit)
            found[id(entry)] = fit.id
    return found


def shows_list(question: Question) -> bool:
    """Whether JAH says anything: what is booked went so, or what is there is all."""
    return bool(question.about.get("entries") or question.about.get("known"))


def listed(session: Session, question: Question) -> tuple[HoursRow, ...]:
    """The list that JAH confirms, without what another answer has told of since: nothing counts twice."""
    told = _told_elsewhere(session, question)
    return tuple(session.get_one(HoursRow, i) for i in question.about.get("entries", []) if i not in told)


def _told_elsewhere(session: Session, question: Question) -> set[int]:
    """Bookings that another question's answer has counted, or let go because it said what there was instead."""
    rows = queries.ledger(session, question.team_id or 0)
    counts = {entry.id for entry, _ in hours.effective(queries.entries(rows))}
    return {
        row.about_id for row in rows
        if row.about_id and row.question_id != question.id and (row.id in counts or row.kind == EntryKind.DROPPED)
    }  # fmt: skip


def _hold(season: Season, session: Session, team: Team, mentor: Person, held: list[HoursRow], now: datetime) -> None:
    for row in held:
        if row.about_id is not None:
            _tell_repeated(season, session, team, mentor, row, now)
            continue
        left = queries.ledger_balance(session, season.programme, team.id, row.stage).left
        (asked_et, left_et), (asked_en, left_en) = (
            (formatting.minutes(row.minutes, lang), formatting.minutes(left, lang)) for lang in ("et", "en")
        )
        says = Text(
            et=f"{team.name}: {mentor.name} märkis {asked_et}, alles on {left_et}. "
            "Otsustage: arvestada seda, mis alles on, anda tunde juurde või jätta arvestamata.",
            en=f"{team.name}: {mentor.name} reported {asked_en}, {left_en} are left. "
            "Decide: count what is left, grant more, or drop it.",
        )
        _tell_held(season, session, team, row, says, now, urgent=True)
        season.post(
            session,
            Notice(
                template="hours_held",
                key=f"hours_held:{row.id}",
                person=mentor,
                team=team,
                facts={"asked": Minutes(row.minutes), "left": Minutes(left)},
            ),
            now,
        )


def _tell_repeated(
    season: Season, session: Session, team: Team, mentor: Person, row: HoursRow, now: datetime
) -> None:
    """The mentor reads it in the answer to the report itself."""
    on, (et, en) = hours.when(row.day, row.month), (formatting.minutes(row.minutes, lang) for lang in ("et", "en"))
    says = Text(
        et=f"{team.name}: {mentor.name} märkis {et} ({on.et}), mis on juba kirjas. Teist korda see ei loe. "
        "Otsustage: arvestada ka see või jätta arvestamata.",
        en=f"{team.name}: {mentor.name} reported {en} ({on.en}), which is in the books already. It does not count "
        "twice. Decide: count it as well, or drop it.",
    )
    _tell_held(season, session, team, row, says, now)


def _tell_held(
    season: Season, session: Session, team: Team, row: HoursRow, says: Text, now: datetime, *, urgent: bool = False
) -> None:
    alert(
        season, session, f"hours:{row.id}", AlertKind.HOURS, says, now,
        team=team, person=row.person, about={"hours": row.id}, urgent=urgent,
    )  # fmt: skip


def settle_held(
    season: Season, session: Session, row: HoursRow, choice: str, actor: Actor, now: datetime
) -> Text | None:
    """The coordinator's choice for held hours: `left` (count what is left), `grant` (raise the cap), `drop`.

    None, or the sentence that says why nothing was done.
    """
    lock_places(session)
    team = session.get_one(Team, row.team_id)
    still = {e.id for e in hours.open_entries(queries.entries(queries.ledger(session, team.id)), EntryKind.HELD)}
    if row.id not in still:
        return Text(et="Need tunnid on juba otsustatud.", en="These hours are settled already.")
    left = queries.ledger_balance(session, season.programme, team.id, row.stage).left
    why = "fits" if choice == "grant" and row.minutes <= left else choice
    if choice == "grant":
        if row.minutes > left:
            session.add(_row(row, EntryKind.GRANTED, row.minutes - left, now, about=row.id))
        session.add(_row(row, EntryKind.REPORTED, row.minutes, now, about=row.id))
    elif choice == "left" and left > 0:
        session.add(_row(row, EntryKind.REPORTED, min(left, row.minutes), now, about=row.id))
    else:
        choice = why = "drop"
        session.add(_row(row, EntryKind.DROPPED, 0, now, about=row.id))
    session.flush()
    settled = {"entry": row.id, **_ledger(session, team)}
    record(session, team, HistoryEvent.HOURS_SETTLED, actor, now, why=reasons.SETTLED[why].et, proof=settled)
    _tell_settled(season, session, team, row, choice, now)
    return None


def _tell_settled(season: Season, session: Session, team: Team, row: HoursRow, choice: str, now: datetime) -> None:
    said = {
        "grant": Text(et="arvestati täies mahus", en="counted in full"),
        "left": Text(et="arvestati niipalju, kui tunde alles oli", en="counted as far as hours were left"),
        "drop": Text(et="jäeti arvestamata", en="not counted"),
    }[choice]
    left = Minutes(queries.ledger_balance(session, season.programme, team.id, row.stage).left)
    season.post(
        session,
        Notice(
            template="hours_settled",
            key=f"hours_settled:{row.id}",
            person=row.person,
            team=team,
            facts={"settled": said, "left": left},
        ),
        now,
    )


def reported(session: Session, question: Question) -> list[tuple[HoursRow, int]]:
    """What a question's answer booked, with what it counts for now."""
    rows = {r.id: r for r in queries.ledger(session, question.team_id or 0)}
    counts = hours.effective(queries.entries(list(rows.values())))
    return [(rows[e.id], minutes) for e, minutes in counts if rows[e.id].question_id == question.id]


def told(session: Session, question: Question) -> list[tuple[HoursRow, int]]:
    """The lines of a question's answer that count or wait for the coordinator, in their order."""
    return sorted(
        [*reported(session, question), *((row, row.minutes) for row in waiting(session, question))],
        key=lambda line: line[0].id,
    )


def waiting(session: Session, question: Question) -> list[HoursRow]:
    """What a question's answer put before the coordinator, for it crosses the cap or stands there already."""
    rows = {r.id: r for r in queries.ledger(session, question.team_id or 0)}
    held = hours.open_entries(queries.entries(list(rows.values())), EntryKind.HELD)
    return [rows[entry.id] for entry in held if rows[entry.id].question_id == question.id]


def was_taken_back(session: Session, question: Question) -> bool:
    """Whether an answer's hours were taken back by the answer to the same question: what counted, or was held."""
    rows = queries.ledger(session, question.team_id or 0)
    held = {row.id for row in rows if row.kind == EntryKind.HELD}
    own = [row for row in rows if row.question_id == question.id]
    dropped = any(row.kind == EntryKind.DROPPED and row.about_id in held for row in own)
    return dropped or any(row.kind == EntryKind.CORRECTED for row in own)


def take_back(season: Season, session: Session, question: Question, actor: Actor, now: datetime) -> list[HoursRow]:
    """What was booked by an answer is corrected to nothing, what waits for the coordinator by it is let go; what that
    was."""
    team = question.team
    assert team is not None
    standing, let_go = reported(session, question), let_go_held(session, question, now)
    for row, minutes in standing:
        session.add(_row(row, EntryKind.CORRECTED, -minutes, now, about=row.id, question=question))
    session.flush()
    rows = [*(row for row, _ in standing), *let_go]
    if rows:
        taken = {"entries": [row.id for row in rows], **_ledger(session, team)}
        record(session, team, HistoryEvent.HOURS_TAKEN_BACK, actor, now, proof=taken)
    drop_checks(session, question, now)
    return rows


def drop_checks(session: Session, question: Question, now: datetime) -> None:
    """What the team is asked about these hours falls away with them."""
    for check in queries.questions_of(session, question.team_id or 0, (QuestionKind.HOURS_CHECK,), open_only=True):
        if check.key.startswith(f"hours_check:{question.id}:"):
            open_questions.close(session, check, "dropped", now)


def let_go_held(session: Session, question: Question, now: datetime) -> list[HoursRow]:
    """What was reported beyond the cap by an answer that does not hold waits for no decision any more; what it was."""
    let_go = waiting(session, question)
    session.add_all(_row(row, EntryKind.DROPPED, 0, now, about=row.id, question=question) for row in let_go)
    session.flush()
    return let_go


# -- checking -------------------------------------------------------------------------------------


def ask_check(
    season: Season,
    session: Session,
    question: Question,
    mentor: Person,
    booked: Sequence[HoursRow],
    now: datetime,
) -> None:
    """Ask the team whether what its mentor reported is right, and say so where it was reported otherwise before."""
    team = question.team
    assert team is not None
    contact = queries.contact(session, team.id)
    counted = [r for r in booked if r.minutes]
    if contact is None or not counted:
        return
    left = queries.ledger_balance(session, season.programme, team.id, question.stage).left
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.HOURS_CHECK,
            key=f"hours_check:{question.id}:{counted[0].id}",
            people=(contact,),
            template="hours_check",
            team=team,
            stage=question.stage,
            about={"entries": [r.id for r in counted], "month": question.about.get("month", "")},
            due=end_of_day(now, ANSWER_DAYS, season.programme.tz),
            facts={
                "mentor": mentor.name,
                "period": str(question.about.get("month", "")),
                "instead": bool(question.about.get("instead")),
                "entries": tuple((r.day, Minutes(r.minutes), r.note) for r in counted),
                "left": Minutes(left),
            },
        ),
        now,
    )


def check(
    season: Season, session: Session, question: Question, right: bool, why: str, actor: Actor, now: datetime, *, by: str
) -> None:
    """The team confirms or disputes reported hours; a dispute is put before the coordinator. by: whose word it is."""
    team = question.team
    assert team is not None
    kind = EntryKind.CONFIRMED if right else EntryKind.DISPUTED
    for i in question.about["entries"]:
        session.add(_row(session.get_one(HoursRow, i), kind, 0, now, about=i, note=why[:500], question=question))
    session.flush()
    checked = {"entries": question.about["entries"], **_ledger(session, team)}
    record(session, team, HistoryEvent(f"hours_{kind}"), actor, now, why=why, proof=checked)
    if not right:
        says = Text(
            et=f"{team.name}: {by} vaidlustas mentoritunnid: {why or 'põhjust ei öeldud'}",
            en=f"{team.name}: {by} disputes mentor hours: {why or 'no reason given'}",
        )
        alert(
            season, session, f"dispute:{question.id}", AlertKind.DISPUTE, says, now,
            team=team, about={"question": question.id}, urgent=True,
        )  # fmt: skip


def correct(
    season: Season, session: Session, row: HoursRow, minutes: int, why: str, actor: Actor, now: datetime
) -> bool:
    """The coordinator corrects a reported entry to `minutes`; the ledger keeps both. False where the entry counts
    for nothing any more: its mentor took it back and was asked again, and that answer is what counts."""
    team = session.get_one(Team, row.team_id)
    counts = {e.id: m for e, m in hours.effective(queries.entries(queries.ledger(session, team.id)))}
    now_counts = counts.get(row.id, 0)
    if not now_counts:
        return False
    session.add(_row(row, EntryKind.CORRECTED, minutes - now_counts, now, about=row.id, note=why[:500]))
    session.flush()
    corrected = {"entry": row.id, "minutes": minutes, **_ledger(session, team)}
    record(session, team, HistoryEvent.HOURS_CORRECTED, actor, now, why=why, proof=corrected)
    return True
