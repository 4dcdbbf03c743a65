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
from workflow.text.bilingual import Text

PLACES = (
    "Künka", "Ojaääre", "Metsakülje", "Rannaotsa", "Kaselaane", "Mäealuse", "Järvekalda", "Põhjaranna",
    "Lõunametsa", "Tuuleveski", "Kivinuka", "Haavasalu", "Päikesepargi", "Sõstraoja",
)  # fmt: skip
PEOPLE = (
    ("Mari Näidis", "arendusspetsialist"),
    ("Jüri Proov", "külavanem"),
    ("Tiina Näide", "kultuuritöö juht"),
    ("Ants Katse", "seltsi esimees"),
    ("Õie Kujutlus", "vabatahtlik"),
)
PARTS = {0: "contact", 1: "deputy"}
WHY = Text(et="Tahame paremini koos töötada.", en="We want to work together better.")
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
    programme, groups = season.programme, [g.key for g in season.programme.groups]
    rule, lang = programme.team, programme.languages[0]
    kinds = rule.kinds_of(min(rule.least + number % 2, programme.most_members))
    return Application(
        name=place,
        home=place if rule.home else "",
        lang=lang,
        wish_group=groups[number % len(groups)] if groups else None,
        members=tuple(_member(place, nth, kind) for nth, kind in enumerate(kinds)),
        answers={field.key: WHY.say(lang) for field in programme.apply.fields},
    )


def _member(place: str, nth: int, kind: str) -> NewMember:
    round_, at = divmod(nth, len(PEOPLE))
    name, post = PEOPLE[at]
    local = name.split()[0].lower().translate(ASCII) + (str(round_ + 1) if round_ else "")
    address = f"{local}.{place.lower().translate(ASCII)}@example.org"
    return NewMember(name=name, address=address, side=kind, part=PARTS.get(nth, "member"), post=post)


def _verify(season: Season, session: Session, team: Team, now: datetime) -> None:
    question = next(q for q in queries.open_questions(session, team_id=team.id) if q.kind == QuestionKind.VERIFY)
    person = question.addressees[0].person
    actor = submit.actor_for(person, via=Door.LINK, question=question)
    submit.answer(season, session, question, person, Answer(kind=AnswerKind.YES, rule="invented"), actor, now)
