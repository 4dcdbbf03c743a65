"""Letters that wait together: each is handled by itself, in the order of arrival, and none takes another with it."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.limited_reading.reader import Reader
from mail.reading import sender
from mail.receiving.store import MOST_ATTEMPTS, Arrival, claim, store
from tests.builders import DIGEST, Crew, World
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


def test_each_of_several_letters_has_its_effect_in_one_pass(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    assert world.inbox.handle_due(world.db, world.now) == 3
    assert [one.outcome for one in _letters(world)] == ["accepted"] * 3
    for crew in crews:
        assert crew.row.verified_at == world.now
        assert [row.event for row in crew.history()] == ["applied", "verified"]
        assert len(crew.got("application_counts")) == 1


def test_the_history_stays_chained_over_several_letters(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva")]
    _answers(world, crews, "verify", ["JAH"])
    world.inbox.handle_due(world.db, world.now)
    for crew in crews:
        first, second = crew.history()
        row = {key: getattr(second, key) for key in (*chain.FIXED, *chain.ERASABLE)}
        assert second.salt is not None and second.salt != first.salt
        assert second.seal == chain.seal(row, second.salt)
        assert chain.links({**row, "seal": second.seal, "hash": second.hash}, first.hash, DIGEST)


def test_the_first_of_two_answers_in_one_pass_counts(world: World) -> None:
    crews = [world.apply(name).selected() for name in ("Võru", "Põlva")]
    _answers(world, crews, "confirm_place", ["JAH", "EI"])
    world.inbox.handle_due(world.db, world.now)
    assert [one.outcome for one in _letters(world)[-4:]] == ["accepted", "accepted", "afterwards", "afterwards"]
    assert {crew.state for crew in crews} == {"workshop_1"}
    assert [len(crew.got("already")) for crew in crews] == [1, 1]


def test_a_letter_that_came_twice_in_one_pass_is_known(world: World) -> None:
    crew = world.apply()
    _, _, to = world.asked("verify", team=crew.id)
    once = _mail(crew.contact.address, to, "JAH", 1)
    store(world.db, [once, replace(once, envelope_from="list@example.org")], world.now)
    world.inbox.handle_due(world.db, world.now)
    assert sorted(str(one.outcome) for one in _letters(world)) == ["accepted", "copy"]


def fails(raw: bytes, _dns: sender.Dns) -> sender.Verdict:
    if b"p\xc3\xb5lva0@" in raw or b"polva0@" in raw:
        raise RuntimeError("poison")
    return sender.Verdict.PASS


def test_a_letter_that_cannot_be_read_takes_no_other_with_it(world: World) -> None:
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    inbox = replace(world.inbox, dns=lambda _name: None, check=fails)
    while inbox.handle_due(world.db, world.now):
        pass  # a slow machine needs more than one pass
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


def test_a_letter_whose_attempt_broke_off_keeps_none_of_the_others_waiting(world: World) -> None:
    """A letter that ends the process each time ends no other's chances with its own."""
    crews = [world.apply(name) for name in ("Võru", "Põlva", "Valga")]
    _answers(world, crews, "verify", ["JAH"])
    lease = timedelta(minutes=5)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with world.db.writing() as session:
            deadly = claim(session, world.now, lease=lease)
        assert deadly is not None and (deadly.id, deadly.attempt) == (_letters(world)[0].id, attempt)
        world.inbox.handle_due(world.db, world.now)
        assert [one.status for one in _letters(world)] == ["new", "done", "done"]
        world.now += 2 * lease
    world.inbox.handle_due(world.db, world.now)
    assert [one.status for one in _letters(world)] == ["parked", "done", "done"]


def test_a_letter_that_is_claimed_again_meanwhile_is_left_to_that_attempt(world: World) -> None:
    """A worker that was stopped while it read finds its letter taken over, and does nothing."""
    crew = world.apply()
    _answers(world, [crew], "verify", ["JAH"])

    class Overtaken(Reader):
        def call(self, *args: Any, **kw: Any) -> Any:
            read = super().call(*args, **kw)
            with world.db.writing() as session:
                session.execute(sa.update(Letter).values(attempt=Letter.attempt + 1))
            return read

    assert replace(world.inbox, reader=Overtaken()).handle_due(world.db, world.now) == 1
    (letter,) = _letters(world)
    assert (letter.status, letter.attempt, letter.outcome) == ("new", 2, None)
    assert crew.row.verified_at is None
