"""Letters handled together: the same effects as one by one, in the same order, and none takes another with it."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.reading import sender
from mail.receiving.store import MOST_ATTEMPTS, Arrival, claim, store
from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import Letter, Message
from workflow.notices import Notice
from workflow.security import chain


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def _mail(who: str, to: str, text: str, number: int) -> Arrival:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = who, to, "Re: Koosloome"
    mail["Message-ID"] = f"<{number}@mail.example.org>"
    mail.set_content(text)
    return Arrival(envelope_from=who, recipients=(to,), raw=mail.as_bytes(), via="smtp")


def _answers(world: World, crews: list[Crew], kind: str, texts: list[str]) -> None:
    """Each crew's contact writes each of these texts; all letters come in before any is handled."""
    number = 0
    for text in texts:
        for crew in crews:
            _, _, to = world.asked(kind, team=crew.id, person=crew.contact.address)
            store(world.db, [_mail(crew.contact.address, to, text, number := number + 1)], world.now)


def _letters(world: World) -> list[Letter]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Letter).order_by(Letter.id)))


def test_letters_that_came_together_bring_what_each_would_bring_alone(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    assert world.inbox.handle_due(world.db, world.now) == 3
    assert [one.outcome for one in _letters(world)] == ["accepted"] * 3
    for crew in crews:
        assert crew.row.verified_at == world.now
        assert [row.event for row in crew.history()] == ["applied", "verified"]
        assert len(crew.got("application_counts")) == 1


def test_the_history_stays_chained_when_its_rows_are_written_together(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva")]
    _answers(world, crews, "verify", ["JAH"])
    world.inbox.handle_due(world.db, world.now)
    for crew in crews:
        first, second = crew.history()
        row = {key: getattr(second, key) for key in (*chain.FIXED, *chain.ERASABLE)}
        assert second.salt is not None and second.salt != first.salt
        assert second.hash == chain.link(row, chain.seal(row, second.salt), first.hash)


def test_the_first_of_two_answers_in_one_batch_counts(world: World) -> None:
    crews = [world.apply(name).selected() for name in ("Võru", "Põlva")]
    _answers(world, crews, "confirm_place", ["JAH", "EI"])
    world.inbox.handle_due(world.db, world.now)
    assert [one.outcome for one in _letters(world)[-4:]] == ["accepted", "accepted", "already", "already"]
    assert {crew.state for crew in crews} == {"workshop_1"}
    assert [len(crew.got("already")) for crew in crews] == [1, 1]


def test_a_letter_that_came_twice_in_one_batch_is_known(world: World) -> None:
    crew = world.apply()
    _, _, to = world.asked("verify", team=crew.id)
    once = _mail(crew.contact.address, to, "JAH", 1)
    store(world.db, [once, replace(once, envelope_from="list@example.org")], world.now)
    world.inbox.handle_due(world.db, world.now)
    assert sorted(str(one.outcome) for one in _letters(world)) == ["accepted", "copy"]


def test_a_letter_that_cannot_be_read_takes_no_other_with_it(world: World) -> None:
    def fails(raw: bytes, _dns: sender.Dns) -> sender.Verdict:
        if b"p\xc3\xb5lva0@" in raw or b"polva0@" in raw:
            raise RuntimeError("poison")
        return sender.Verdict.PASS

    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    replace(world.inbox, dns=lambda _name: None, check=fails).handle_due(world.db, world.now)
    good, bad, also = _letters(world)
    assert (good.outcome, also.outcome) == ("accepted", "accepted")
    assert (bad.status, bad.attempt, bad.reason) == ("new", 1, "RuntimeError: poison")
    assert bad.next_at > world.now


def test_an_act_that_breaks_off_leaves_nothing_of_its_own_and_all_of_the_others(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    broken = crews[1].id

    def post(session: Session, notice: Notice, now: object) -> Message | None:
        if notice.team is not None and notice.team.id == broken:
            raise RuntimeError("cannot be said")
        return world.composer(session, notice, world.now)

    replace(world.inbox, season=replace(world.season, post=post)).handle_due(world.db, world.now)
    assert [one.status for one in _letters(world)] == ["done", "new", "done"]
    assert [len(crew.got("application_counts")) for crew in crews] == [1, 0, 1]
    assert [crew.row.verified_at is not None for crew in crews] == [True, False, True]
    assert [len(crew.history()) for crew in crews] == [2, 1, 2]


def test_a_letter_whose_attempt_broke_off_is_handed_out_by_itself(world: World) -> None:
    """A letter that ends the process ends no other's chances with its own."""
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    lease, now = timedelta(minutes=5), world.now
    with world.db.writing() as session:
        assert len(claim(session, now, limit=50, lease=lease)) == 3
    seen: list[int] = []
    for _ in range(2 * MOST_ATTEMPTS):
        now += 2 * lease
        with world.db.writing() as session:
            seen += [len(claim(session, now, limit=50, lease=lease))]
    assert set(seen) <= {0, 1}
    assert seen[:3] == [1, 1, 1]
