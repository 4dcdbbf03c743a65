"""Submissions of work: requested, received, reviewed by a trainer, returned for changes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import HistoryEvent, SubmissionStatus
from workflow.config.loader import Stage, StageKind
from workflow.database.engine import close_after_large
from workflow.database.models import File, HistoryRow, Message, Person, Question, Submission, Team
from workflow.notices import Fact, Notice
from workflow.records import evidence, on_duty, open_questions, queries
from workflow.records.history import record, waived
from workflow.replies import repetition
from workflow.rules import file_types
from workflow.rules.doors import Door
from workflow.rules.duties import Due, DutyKind, end_of_day, next_session_mail, of_programme
from workflow.rules.questions import WORK, WORK_QUESTION, QuestionKind
from workflow.rules.requirements import UNREVIEWED
from workflow.season import Actor, Season

REVIEW_DAYS = 5
MEND_DAYS = 7
CATCH_UP_DAYS = 7
AFTER_THE_MAIL = timedelta(hours=1)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file handed in: its name is a label only."""

    name: str
    media_type: str
    content: bytes


def ask_work(
    season: Season,
    session: Session,
    team: Team,
    stage_key: str,
    now: datetime,
    *,
    history: HistoryRow | None = None,
) -> Question | None:
    """Ask the contact for a stage's work, unless the coordinator let the team go on without it; a team that joined late
    gets a week at least."""
    stage, contact = season.programme.stage(stage_key), queries.contact(session, team.id)
    if stage.work is None or contact is None or waived(session, team.id, stage_key, "work"):
        return None
    before = _asked_before(session, team, stage_key)
    if before and before[-1].outcome != "dropped":
        return before[-1]
    due = queries.work_due(session, season.programme, team, stage_key)
    soonest = end_of_day(now, CATCH_UP_DAYS, season.programme.tz)
    due = soonest if due is not None and due <= now else due
    kind = WORK_QUESTION[stage.work.kind]
    return open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=kind,
            key=f"work:{team.id}:{stage_key}:{len(before) + 1}",
            people=(contact,),
            team=team,
            stage=stage_key,
            template="presentation" if kind is QuestionKind.PRESENTATION else "homework",
            about={"work": stage.work.kind},
            due=due,
            facts={"work": stage.work.name},
            history=history,
        ),
        now,
    )


def _asked_before(session: Session, team: Team, stage_key: str) -> list[Question]:
    """Each time this work was asked for, in order."""
    asked = queries.questions_of(session, team.id, WORK)
    return [question for question in asked if question.stage == stage_key]


def asked_from(season: Season, session: Session, team: Team, stage: Stage) -> datetime:
    """From when on a stage's work is asked: a workshop's from its session's end, the others by their duty."""
    meeting = queries.stage_session(session, stage.key, team.group)
    if stage.kind is StageKind.WORKSHOP and meeting is not None:
        return meeting.ends_at
    duty = next((d for d in of_programme(season.programme) if d.key == f"work_ask:{stage.key}"), None)
    return duty.at if duty else NEVER


def hand_in(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    text: str,
    uploads: Sequence[Upload],
    actor: Actor,
    now: datetime,
) -> Submission:
    """Store what was handed in. An earlier version that nobody has read yet steps back behind it."""
    assert question.team is not None and question.stage is not None
    team, stage = question.team, season.programme.stage(question.stage)
    before = queries.latest_submission(session, team.id, stage.key)
    if before is not None and before.status == SubmissionStatus.HANDED_IN:
        before.status = SubmissionStatus.SUPERSEDED
    submission = Submission(
        team_id=team.id,
        stage=stage.key,
        question_id=question.id,
        person_id=person.id,
        person=person,
        text=text,
        at=now,
        status=SubmissionStatus.HANDED_IN,
        letter_id=actor.letter.id if actor.letter else None,
        files=[_file(u) for u in uploads],
    )
    close_after_large(session.connection(), sum(len(u.content) for u in uploads))
    session.add(submission)
    session.flush()  # its history names it
    record(
        session,
        team,
        HistoryEvent.HANDED_IN,
        actor,
        now,
        proof={"submission": submission.id, "files": [u.name for u in uploads]},
        rests=[*evidence.works(submission), *([before] if before is not None else [])],
    )
    _confirm_receipt(season, session, question, submission, person, now, actor)
    if stage.work and stage.work.kind not in UNREVIEWED:
        _ask_review(season, session, team, stage, submission, now)
    return submission


def _file(upload: Upload) -> File:
    return File(
        name=upload.name[:200],
        media_type=upload.media_type[:120],
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        mark=file_types.mark(upload.name, upload.content),
        content=upload.content,
    )


def same_again(submission: Submission, text: str, uploads: Sequence[Upload]) -> bool:
    """Whether this very work was handed in before."""
    old = {f.sha256 for f in submission.files}
    new = {hashlib.sha256(u.content).hexdigest() for u in uploads}
    return old == new and (bool(new) or submission.text == text)


def _confirm_receipt(
    season: Season,
    session: Session,
    question: Question,
    submission: Submission,
    person: Person,
    now: datetime,
    actor: Actor,
) -> None:
    assert question.team is not None
    stage = season.programme.stage(submission.stage)
    facts: dict[str, Fact] = {
        "work": stage.work.name if stage.work else stage.name,
        "files": tuple(f.name for f in submission.files),
        "words": len(submission.text.split()),
    }
    contact, seen = queries.contact(session, question.team.id), actor.via is Door.LINK  # the form's page is a receipt
    for each in {p.id: p for p in (None if seen else person, contact) if p and not (seen and p is person)}.values():
        season.post(
            session,
            Notice(
                template="work_received",
                key=f"work_received:{submission.id}:{each.id}",
                person=each,
                team=question.team,
                question=question,
                stage=stage.key,
                facts=facts,
                answering=actor.letter if each is person else None,
            ),
            now,
        )


def _ask_review(
    season: Season, session: Session, team: Team, stage: Stage, submission: Submission, now: datetime
) -> None:
    assert stage.work is not None
    for question in queries.questions_of(session, team.id, (QuestionKind.REVIEW,), open_only=True):
        if question.stage == stage.key:
            open_questions.close(session, question, "dropped", now)
    facts: dict[str, Fact] = {
        "work": stage.work.name,
        "files": tuple(f.name for f in submission.files),
        "words": submission.text[:2000],
        "who": submission.person.name,
    }
    readers = _readers(season, session, team, stage, now)
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.REVIEW,
            key=f"review:{submission.id}",
            people=tuple(readers[:1]),
            reserve=tuple(readers[1:]),
            template="review",
            team=team,
            stage=stage.key,
            about={"submission": submission.id},
            due=end_of_day(now, REVIEW_DAYS, season.programme.tz),
            facts=facts,
        ),
        now,
    )


def _readers(season: Season, session: Session, team: Team, stage: Stage, now: datetime) -> list[Person]:
    """Who may read it, first the one who reads this team's work: the teams are shared out among them, those whose
    address takes no mail last."""
    trainers = list(on_duty.staff_of(session, season.programme, stage, now))
    turn = team.id % len(trainers) if trainers else 0
    return sorted(trainers[turn:] + trainers[:turn], key=lambda one: one.address_state == "dead")


def accept(
    season: Season,
    session: Session,
    question: Question,
    reviewer: Person,
    comment: str,
    actor: Actor,
    now: datetime,
) -> None:
    """A trainer accepts the work; `tell_accepted` tells the team."""
    submission, team, _ = _reviewed(season, session, question, reviewer, "accepted", comment, now)
    proof, rests = {"submission": submission.id}, evidence.works(submission)
    record(session, team, HistoryEvent.ACCEPTED, actor, now, proof=proof, rests=rests)


def send_back(
    season: Season,
    session: Session,
    question: Question,
    reviewer: Person,
    comment: str,
    actor: Actor,
    now: datetime,
) -> None:
    """A trainer returns the work with what to mend; the same work is asked for again."""
    submission, team, stage = _reviewed(season, session, question, reviewer, "returned", comment, now)
    proof = {"submission": submission.id}
    rests = evidence.works(submission)
    record(session, team, HistoryEvent.RETURNED, actor, now, why=comment, proof=proof, rests=rests)
    first = session.get_one(Question, submission.question_id)
    round_ = len(_asked_before(session, team, stage.key)) + 1
    due = queries.work_due(session, season.programme, team, stage.key)
    contact = queries.contact(session, team.id)
    assert stage.work is not None
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind(first.kind),
            key=f"work:{team.id}:{stage.key}:{round_}",
            people=(contact,) if contact else (),
            template="work_returned",
            team=team,
            stage=stage.key,
            about={"work": stage.work.kind},
            due=max(due or now, end_of_day(now, MEND_DAYS, season.programme.tz)),
            facts={"work": stage.work.name, "comment": repetition.without_the_word(comment)},
        ),
        now,
    )


def _reviewed(
    season: Season,
    session: Session,
    question: Question,
    reviewer: Person,
    status: str,
    comment: str,
    now: datetime,
) -> tuple[Submission, Team, Stage]:
    submission = session.get_one(Submission, question.about["submission"])
    submission.status, submission.comment = status, comment
    submission.reviewed_by_id, submission.reviewed_at = reviewer.id, now
    return submission, session.get_one(Team, submission.team_id), season.programme.stage(submission.stage)


def tell_accepted(season: Season, session: Session, question: Question, now: datetime) -> None:
    """The contact and the author hear that the work is accepted: by the mail that the team moves on, where there is
    one; at once where the trainer wrote something; else with the next mail about a session, or alone soon after it."""
    submission = session.get_one(Submission, question.about["submission"])
    team = session.get_one(Team, submission.team_id)
    contact = queries.contact(session, team.id)
    ahead = [meeting.starts_at for meeting in queries.sessions_of(session, team.group) if not meeting.cancelled_at]
    rides = None if _comment(submission) else next_session_mail(season.programme, ahead, now)
    for person in {one.id: one for one in (contact, submission.person) if one is not None}.values():
        if _moved_on(session, team, person, now):
            continue
        if rides is None:
            post_accepted(season, session, submission, person, now)
        else:
            about = {"submission": submission.id, "person": person.id}
            key = f"work_accepted:{submission.id}:{person.id}"
            due = Due(key=key, kind=DutyKind.WORK_ACCEPTED, at=rides + AFTER_THE_MAIL, about=about)
            open_questions.note_duties(session, [due], team=team)


def _comment(submission: Submission) -> str:
    """What the trainer wrote beside accepting the work."""
    words = submission.comment or ""
    return "" if repetition.only_agrees(words, QuestionKind.REVIEW) else words


def _moved_on(session: Session, team: Team, person: Person, now: datetime) -> bool:
    """Whether the mail that the team moves on tells this person now."""
    row = queries.last_transition(session, team.id)
    if row is None or row.at != now:
        return False
    key = f"stage_done:{row.id}:{person.id}"
    session.flush()
    return session.scalar(sa.select(Message.id).where(Message.key == key)) is not None


def post_accepted(season: Season, session: Session, submission: Submission, person: Person, now: datetime) -> None:
    """The mail of its own that says so."""
    stage = season.programme.stage(submission.stage)
    notice = Notice(
        template="work_accepted",
        key=f"work_accepted:{submission.id}:{person.id}",
        person=person,
        team=session.get_one(Team, submission.team_id),
        stage=stage.key,
        facts={"work": stage.work.name if stage.work else stage.name, "comment": _comment(submission)},
    )
    season.post(session, notice, now)


def just_accepted(session: Session, team: Team, stage: Stage, now: datetime) -> dict[str, Fact]:
    """What the mail that the team moves on says of the work whose acceptance moved it."""
    latest = queries.latest_submission(session, team.id, stage.key)
    if latest is None or latest.status != SubmissionStatus.ACCEPTED or latest.reviewed_at != now:
        return {"accepted": "", "comment": ""}
    return {"accepted": stage.work.name if stage.work else "", "comment": _comment(latest)}
