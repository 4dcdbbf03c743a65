"""Sample teams for trying things out: plainly made-up people at reserved addresses."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.answering import submit
from workflow.database.models import Team
from workflow.journey import moves
from workflow.records import queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.application import Application, NewMember
from workflow.rules.doors import Door
from workflow.rules.questions import QuestionKind
from workflow.season import Season

PLACES = (
    "Künka", "Ojaääre", "Metsakülje", "Rannaotsa", "Kaselaane", "Mäealuse", "Järvekalda", "Põhjaranna",
    "Lõunametsa", "Tuuleveski", "Kivinuka", "Haavasalu", "Päikesepargi", "Sõstraoja",
)  # fmt: skip
PEOPLE = (
    ("Mari Näidis", "municipality", "contact", "arendusspetsialist"),
    ("Jüri Proov", "community", "deputy", "külavanem"),
    ("Tiina Näide", "municipality", "member", "kultuuritöö juht"),
    ("Ants Katse", "community", "member", "seltsi esimees"),
    ("Õie Kujutlus", "community", "member", "vabatahtlik"),
)
ASCII = str.maketrans("äöõüšž", "aoousz")


def apply(season: Season, session: Session, n: int, now: datetime) -> int:
    """Let up to `n` more invented teams apply and confirm; fewer where the names run out. Returns how many."""
    taken = set(session.scalars(sa.select(Team.name)))
    free = [place for place in PLACES if place not in taken][:n]
    for number, place in enumerate(free):
        team = moves.apply(season, session, _application(season, place, number), now)
        _verify(season, session, team, now)
    return len(free)


def _application(season: Season, place: str, number: int) -> Application:
    stem, groups = place.lower().translate(ASCII), [g.key for g in season.programme.groups]
    members = tuple(
        NewMember(
            name=name,
            address=f"{name.split()[0].lower().translate(ASCII)}.{stem}@example.org",
            side=side,
            part=part,
            post=post,
        )
        for name, side, part, post in PEOPLE[: 4 + number % 2]
    )
    return Application(
        name=place,
        municipality=f"{place} vald",
        lang="et",
        wish_group=groups[number % len(groups)] if groups else None,
        members=members,
        answers={field.key: "Tahame kogukondadega paremini koos töötada." for field in season.programme.apply.fields},
    )


def _verify(season: Season, session: Session, team: Team, now: datetime) -> None:
    question = next(q for q in queries.open_questions(session, team_id=team.id) if q.kind == QuestionKind.VERIFY)
    person = question.addressees[0].person
    actor = submit.actor_for(person, via=Door.LINK, question=question)
    submit.answer(season, session, question, person, Answer(kind=AnswerKind.YES, rule="invented"), actor, now)
