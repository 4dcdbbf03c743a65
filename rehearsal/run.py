"""A rehearsal: the whole programme in seconds, through real SMTP on loopback both ways and the real database.

Time goes from event to event: whatever is next of what people have decided, what the calendar makes due, and what
waits in the service. At each moment everything is done that can be done, then the mails that came are read.
"""

from datetime import datetime, timedelta
from random import Random

from mail.receiving import store
from mail.receiving.recipients import Known
from mail.receiving.smtp_server import Listener
from rehearsal import compare, mails, people, report, story
from rehearsal.outward import Works
from rehearsal.setting import Clock, House, Setting, Summary
from rehearsal.sink import LOOPBACK, MailProgram, Sink
from rehearsal.world import World
from workflow.journey import moves

BASE_URL = "http://teekond.example.org"


def rehearse(setting: Setting) -> Summary:
    """Run it all, compare, and write summary.json, faults.json (where there are any) and report.html."""
    began = setting.timer()
    programme = setting.config.programme
    setting.out.mkdir(parents=True, exist_ok=True)
    clock = Clock(story.begins(programme))
    house = setting.open_house(setting.out, clock, BASE_URL)
    sink, receiver = Sink(clock), _receiver(house, clock)
    try:
        sink.start()
        receiver.start()
        program = MailProgram(receiver.port)
        cast = story.cast(programme, Random(f"{setting.seed}|cast"), setting.teams)
        world = World(house=house, clock=clock, cast=cast, seed=setting.seed, program=program)
        _travel(world, setting, Works(house, sink.port), sink)
        program.close()
    finally:
        receiver.stop()
        sink.stop()
    summary = compare.summary(world, setting.seed, setting.timer() - began)
    report.write(setting.out, world, summary)
    house.db.close()
    return summary


def _receiver(house: House, clock: Clock) -> Listener:
    known = Known(house.db, house.inbox.identity)
    return Listener(
        (LOOPBACK, 0),
        hostname="teekond.example.org",
        known=known,
        at_once=known.at_once,
        store=lambda arrivals, now: store.store(house.db, arrivals, now),
        now=clock.now,
    )


def _travel(world: World, setting: Setting, works: Works, sink: Sink) -> None:
    programme = setting.config.programme
    first, last = story.begins(programme), story.ends(programme)
    with world.house.db.writing() as session:
        moves.open_season(world.house.season, session, world.now)
    story.lay_out(world)
    while (moment := _next(world, works)) is not None and moment <= last:
        world.clock.move_to(moment)
        _moment(world, works, sink)
        setting.progress((world.now - first).days, (last - first).days)
    world.clock.move_to(last)
    _moment(world, works, sink)


def _moment(world: World, works: Works, sink: Sink) -> None:
    """Everything that can be done now, one thing after another: a letter counts before the form sent after it."""
    while True:
        acted = world.act()
        works.drain(world.now)
        taken = sink.collect()
        for got in mails.read(world.house.db, taken):
            world.record.note_mail(got)
            people.receive(world, got)
        if not (taken or acted):
            return


def _next(world: World, works: Works) -> datetime | None:
    """The next moment at which something happens."""
    found = [moment for moment in (world.due(), *works.waiting()) if moment is not None]
    return max(min(found), world.now + timedelta(microseconds=1)) if found else None
