"""Work on its way: asking for it, taking it in, reading it, sending it back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from workflow import gathered, pending
from workflow.config.loader import Stage, StageKind
from workflow.database.models import File, HistoryRow, Person, Question, Submission, Team
from workflow.notices import Fact, Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import record
from workflow.rules import file_types as file_kinds
from workflow.rules.duties import end_of_day, of_programme
from workflow.rules.questions import WORK_QUESTION, QuestionKind
from workflow.rules.requirements import UNREVIEWED
from workflow.season import Actor, Season

REVIEW_DAYS = 5
MEND_DAYS = 7
CATCH_UP_DAYS = 7
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
    """Ask the contact for a stage's work; a team that joined late gets a week at least."""
    stage, contact = season.programme.stage(stage_key), queries.contact(session, team.id)
    if stage.work is None or contact is None:
        return None
    before = _asked_before(session, team, stage_key)
    if before and before[-1].outcome != "dropped":
        return before[-1]
    due = queries.work_due(session, season.programme, team, stage_key)
    soonest = end_of_day(now, CATCH_UP_DAYS, season.programme.tz)
    due = soonest if due is not None and due <= now else due
    kind = WORK_QUESTION[stage.work.kind]
    return asking.ask(
        season,
        session,
        asking.Ask(
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
    asked = queries.questions_of(session, team.id, set(WORK_QUESTION.values()))
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
    if before is not None and before.status == "handed_in":
        before.status = "superseded"
    submission = Submission(
        team_id=team.id,
        stage=stage.key,
        question_id=question.id,
        person_id=person.id,
        person=person,
        text=text,
        at=now,
        status="handed_in",
        letter_id=actor.letter.id if actor.letter else None,
        files=[_file(u) for u in uploads],
    )
    pending.added(session, submission)
    record(
        session,
        team,
        "handed_in",
        actor,
        now,
        proof={"submission": submission.id, "files": [u.name for u in uploads]},
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
        mark=file_kinds.mark(upload.name, upload.content),
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
    contact = queries.contact(session, question.team.id)
    for each in {p.id: p for p in (person, contact) if p}.values():
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
            asking.close(session, question, "dropped", now)
    facts: dict[str, Fact] = {
        "work": stage.work.name,
        "files": tuple(f.name for f in submission.files),
        "words": submission.text[:2000],
        "who": submission.person.name,
    }
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.REVIEW,
            key=f"review:{submission.id}",
            people=tuple(queries.staff(session, "trainer", stage.trainers)),
            template="review",
            team=team,
            stage=stage.key,
            about={"submission": submission.id},
            due=end_of_day(now, REVIEW_DAYS, season.programme.tz),
            facts=facts,
        ),
        now,
    )


def accept(
    season: Season,
    session: Session,
    question: Question,
    reviewer: Person,
    comment: str,
    actor: Actor,
    now: datetime,
) -> None:
    """A trainer accepts the work; the team is told."""
    submission, team, stage = _reviewed(season, session, question, reviewer, "accepted", comment, now)
    record(session, team, "accepted", actor, now, proof={"submission": submission.id})
    _tell_team(season, session, team, stage, submission, "work_accepted", comment, now)


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
    record(session, team, "returned", actor, now, why=comment, proof={"submission": submission.id})
    first = session.get_one(Question, submission.question_id)
    round_ = len(_asked_before(session, team, stage.key)) + 1
    due = queries.work_due(session, season.programme, team, stage.key)
    contact = queries.contact(session, team.id)
    assert stage.work is not None
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind(first.kind),
            key=f"work:{team.id}:{stage.key}:{round_}",
            people=(contact,) if contact else (),
            template="work_returned",
            team=team,
            stage=stage.key,
            about={"work": stage.work.kind},
            due=max(due or now, end_of_day(now, MEND_DAYS, season.programme.tz)),
            facts={"work": stage.work.name, "comment": comment},
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
    submission = _submission(session, question)
    submission.status, submission.comment = status, comment
    submission.reviewed_by_id, submission.reviewed_at = reviewer.id, now
    return submission, session.get_one(Team, submission.team_id), season.programme.stage(submission.stage)


def _submission(session: Session, question: Question) -> Submission:
    """The work that a review is about."""
    number = question.about["submission"]
    known = gathered.rows(session, Submission, question.team_id) or ()
    return next((one for one in known if one.id == number), None) or session.get_one(Submission, number)


def _tell_team(
    season: Season,
    session: Session,
    team: Team,
    stage: Stage,
    submission: Submission,
    template: str,
    comment: str,
    now: datetime,
) -> None:
    contact = queries.contact(session, team.id)
    author = None if contact and contact.id == submission.person_id else submission.person
    for each in filter(None, (contact, author)):
        season.post(
            session,
            Notice(
                template=template,
                key=f"{template}:{submission.id}:{each.id}",
                person=each,
                team=team,
                stage=stage.key,
                facts={"work": stage.work.name if stage.work else stage.name, "comment": comment},
            ),
            now,
        )
