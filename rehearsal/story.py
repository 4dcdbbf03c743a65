"""The season as it is laid out beforehand: when teams apply, when the coordinator does what, who turns up where.

Everything else follows from mails. Dates come from the programme, so that another season can be rehearsed too.
"""

from datetime import datetime, time, timedelta
from random import Random

from rehearsal import office
from rehearsal.cast import Cast, Fate, Shape, invent
from rehearsal.world import World
from workflow.config.loader import Programme, StageKind

DAY = timedelta(days=1)
AWAY_IN = 3


def cast(programme: Programme, seed_rng: Random, teams: int) -> Cast:
    """The people of this season."""
    people = (("trainer", programme.trainers), ("mentor", programme.mentors), ("coordinator", programme.coordinators))
    staff = [(p.name, p.address, p.lang, role) for role, some in people for p in some]
    rule = programme.team
    shape = Shape(
        capacity=programme.capacity,
        groups=tuple(g.key for g in programme.groups) or ("",),
        langs=tuple(programme.languages),
        rule=rule,
        most=programme.most_members,
        meets=any(stage.sessions for stage in programme.stages),
    )
    return invent(seed_rng, teams, shape, staff)


def begins(programme: Programme) -> datetime:
    return programme.apply.opens_at + timedelta(hours=10)


def ends(programme: Programme) -> datetime:
    """A fortnight after the last stage, and after the last work is due."""
    groups: list[str | None] = [g.key for g in programme.groups] or [None]
    over = [stage.ends(group) for stage in programme.stages for group in groups]
    over += [programme.due(stage.key, group) for stage in programme.stages for group in groups]
    return max(moment for moment in over if moment is not None) + 14 * DAY


def lay_out(world: World) -> None:
    """Put what is known beforehand on the agenda."""
    programme = world.house.season.programme
    _applications(world, programme)
    world.away = _holiday(world, programme)
    world.at(_at(world, programme.apply.closes_at + DAY, 10), lambda: office.select(world))
    _desk(world, programme)
    _mentoring(world, programme)
    _turns(world, programme)


def _at(world: World, day: datetime, hour: int) -> datetime:
    return datetime.combine(day.astimezone(world.tz).date(), time(hour), tzinfo=world.tz)


def _applications(world: World, programme: Programme) -> None:
    """Some at once, some on the last day but one."""
    opens, closes = begins(programme), programme.apply.closes_at - 3 * DAY
    for crew in world.cast.crews:
        part = world.rng("applies", crew.number).random()
        moment = opens + part * (closes - opens)
        world.at(world.after(world.rng("hour", crew.number), 0, 3, since=moment), lambda c=crew: office.apply(world, c))  # type: ignore[misc]


def _holiday(world: World, programme: Programme) -> tuple[datetime, datetime] | None:
    """One season in three the coordinator is away for ten days, just when the places are answered for."""
    chosen = _at(world, programme.apply.closes_at + DAY, 10)
    return (chosen + timedelta(hours=1), chosen + 10 * DAY) if world.seed % AWAY_IN == 0 else None


def _desk(world: World, programme: Programme) -> None:
    day = begins(programme)
    while day < ends(programme):
        if day.astimezone(world.tz).weekday() < 5:
            world.at(_at(world, day, 15), lambda: office.desk(world))
        day += DAY


def _mentoring(world: World, programme: Programme) -> None:
    for stage in (s for s in programme.stages if s.kind is StageKind.MENTORING):
        if stage.hours_window is None:
            continue
        starts, ends = (datetime.combine(day, time(), tzinfo=world.tz) for day in stage.hours_window)
        for day in range(-1, (ends - starts).days, 7):  # a team that comes later has one within a week
            world.at(_at(world, starts + day * DAY, 12), lambda: office.assign_mentors(world))
        session = _at(world, starts + 29 * DAY, 14)
        if session < ends:
            world.at(_at(world, starts + 20 * DAY, 11), lambda s=session: office.book(world, s, 90))  # type: ignore[misc]


def _turns(world: World, programme: Programme) -> None:
    """What nobody plans: a member leaves, a mailbox is closed, a session is put off."""
    stays = [c for c in world.cast.crews if c.fate in (Fate.COMPLETES, Fate.STEPS_IN)]
    workshops = [s for s in programme.stages if s.kind is StageKind.WORKSHOP and s.sessions]
    if len(workshops) < 3 or not stays:
        return
    third = workshops[2]
    group, planned = sorted(third.sessions.items())[-1]
    replaced = _at(world, planned.start + 5 * DAY, 13)
    if len(stays[0].members) > 2:
        world.at(replaced, lambda: office.replace_member(world, stays[0]))
    world.at(_at(world, planned.start - 9 * DAY, 12), lambda: office.move_session(world, third.key, group, DAY))
    if len(stays) > 1 and len(stays[1].members) > 2:
        stays[1].members[2].bounces = True
    if len(stays) > 2 and len(stays[2].members) > 1:
        stays[2].contact.bounces = True
