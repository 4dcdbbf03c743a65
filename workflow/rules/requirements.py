"""Requirements of each state: what a team must have before it may leave it, each with one sentence for what is
missing.

Pure: facts in, requirements out. The sentences are shown as they stand in mails, on pages and in refusals,
so each says what is missing, how much of it, and by when.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflow.codes import SubmissionStatus
from workflow.config.loader import Programme, Stage, StageKind, TeamRule, WorkKind
from workflow.rules.hours import Balance
from workflow.text import formatting
from workflow.text.bilingual import Text, in_each

NO_HOURS = Balance(0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    id: int
    name: str
    address_key: str
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a team when a step is decided. Moments are aware; nothing here is looked up later."""

    team_id: int
    name: str
    state: str
    version: int
    applied_at: datetime
    verified: bool = False
    late_pass: bool = False
    group: str | None = None
    members: tuple[Member, ...] = ()
    place_accepted: bool | None = None
    place_due: datetime | None = None
    attended: Mapping[str, int] = field(default_factory=dict)
    """stage -> how many members were there; a stage without a roll-call is missing"""
    works: Mapping[str, str] = field(default_factory=dict)
    """stage -> the latest submission's status"""
    session: tuple[datetime, datetime] | None = None
    """when the present stage meets, as the calendar stands now"""
    work_due: datetime | None = None
    """the present stage's due date for this team, extension included"""
    mentors: tuple[str, ...] = ()
    hours: Balance = NO_HOURS
    left_from: str | None = None
    places_taken: int = 0
    """places held by other teams"""
    group_taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing needed. `says` is the sentence for what is missing (or for what is there, when met).

    `who` may mend it: contact, member, trainer, mentor, coordinator or calendar. `firm`: no override passes it.
    """

    key: str
    met: bool
    says: Text
    who: str
    due: datetime | None = None
    firm: bool = False


def required(programme: Programme, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    """What the team's present state asks for, met or not, in the order in which a reader expects it."""
    fixed = _BY_STATE.get(facts.state)
    if fixed:
        return fixed(programme, facts, now)
    stage = next((s for s in programme.stages if s.key == facts.state), None)
    if stage is None:
        return ()
    asked = (one for part in SHAPES[stage.kind] for one in _PARTS[part](programme, stage, facts, now))
    return (*asked, _eligible(programme, facts))


def missing(requirements: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    return tuple(r for r in requirements if not r.met)


# -- who may apply ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Composition:
    """Distinct people of a team: how many of each kind, and in all."""

    kinds: Mapping[str, int]
    total: int


def composition(members: tuple[Member, ...]) -> Composition:
    """Counts each address once: the same person named twice is one person."""
    kinds = {m.address_key: m.side for m in members}
    return Composition(Counter(kinds.values()), len(kinds))


def shortfall(programme: Programme, members: tuple[Member, ...]) -> Text | None:
    """What the team's composition lacks or has too much of, as one sentence or two; None where it is eligible."""
    rule, have = programme.team, composition(members)
    says = in_each(lambda lang: _composed(rule, have, lang))
    return says if says.et else None


def _composed(rule: TeamRule, have: Composition, lang: str) -> str:
    lacks = [(kind, max(0, kind.min - have.kinds.get(kind.key, 0))) for kind in rule.kinds]
    beyond = [kind for kind in rule.kinds if kind.max is not None and have.kinds.get(kind.key, 0) > kind.max]
    missing = [kind.counted(number, lang) for kind, number in lacks if number]
    if not missing and have.total < rule.least:
        missing = [_people(rule.least - have.total, lang)]
    too_many = rule.max_members is not None and have.total > rule.max_members
    if not (missing or beyond or too_many):
        return ""
    there = [kind.counted(have.kinds.get(kind.key, 0), lang) for kind in rule.kinds]
    sentences = [
        _IN_TEAM[lang].format(formatting.listed(there or [_people(have.total, lang)], lang)),
        *([_MISSING[lang].format(formatting.listed(missing, lang))] if missing else []),
        *(_AT_MOST[lang].format(kind.counted(kind.max or 0, lang)) for kind in beyond),
        *([_AT_MOST[lang].format(_people(rule.max_members or 0, lang))] if too_many else []),
    ]
    return " ".join(sentences)


def _people(number: int, lang: str) -> str:
    return formatting.count(number, *_MEMBERS[lang], lang)


_MEMBERS = {"et": ("liige", "liiget"), "en": ("member", "members")}
_IN_TEAM = {"et": "Meeskonnas on {}.", "en": "The team has {}."}
_MISSING = {"et": "Puudu on {}.", "en": "Still missing: {}."}
_AT_MOST = {"et": "Lubatud on kõige rohkem {}.", "en": "Allowed are at most {}."}


# -- each state ---------------------------------------------------------------------------------


def _eligible(programme: Programme, facts: Facts) -> Requirement:
    """Asked for all season: a team that has become too small is held back until it is complete again."""
    lack = shortfall(programme, facts.members)
    return Requirement(
        key="eligible",
        met=lack is None,
        who="contact",
        says=lack or Text(et="Meeskonna koosseis vastab nõuetele.", en="The team's composition is as required."),
    )


def _applied(programme: Programme, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    closes = programme.apply.closes_at
    in_time = facts.late_pass or facts.applied_at < closes
    return (
        Requirement(
            key="verified",
            met=facts.verified,
            who="contact",
            says=_either(
                facts.verified,
                "Kontaktisik on oma aadressi kinnitanud.",
                "The contact has confirmed the address.",
                "Kontaktisik pole oma aadressi veel kinnitanud.",
                "The contact has not confirmed the address yet.",
            ),
        ),
        _eligible(programme, facts),
        Requirement(
            key="in_time",
            met=in_time,
            who="coordinator",
            due=closes,
            says=_either(
                in_time,
                "Taotlus tuli tähtajaks.",
                "The application came in time.",
                "Taotlus tuli pärast tähtaega; vaja on koordinaatori luba.",
                "The application came after the deadline; it needs the coordinator's pass.",
            ),
        ),
    )


def _selected(programme: Programme, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    by_et = (
        f" Vastust ootame hiljemalt {formatting.until(facts.place_due, 'et', programme.tz)}." if facts.place_due else ""
    )
    by_en = f" The answer is due by {formatting.until(facts.place_due, 'en', programme.tz)}." if facts.place_due else ""
    met = facts.place_accepted is True
    return (
        Requirement(
            key="place",
            met=met,
            who="contact",
            due=facts.place_due,
            says=_either(
                met,
                "Koht on vastu võetud.",
                "The place is accepted.",
                "Koht on veel kinnitamata." + by_et,
                "The place is not confirmed yet." + by_en,
            ),
        ),
    )


def _mentor(programme: Programme, stage: Stage, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    there = f"Mentor: {', '.join(facts.mentors)}."
    says = _either(bool(facts.mentors), there, there, "Mentor on määramata.", "No mentor has been assigned.")
    return (Requirement(key="mentor", met=bool(facts.mentors), who="coordinator", says=says),)


def _window(programme: Programme, stage: Stage, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    ends = stage.ends(None)
    if ends is None:
        return ()
    over = ends <= now
    ends_et, ends_en = (formatting.until(ends, lang, programme.tz) for lang in ("et", "en"))
    says = _either(
        over,
        "Nõustamise aeg on läbi.",
        "The mentoring period is over.",
        f"Nõustamine kestab: see lõpeb {ends_et}.",
        f"Mentoring goes on: it ends on {ends_en}.",
    )
    return (Requirement(key="window", met=over, who="calendar", due=ends, says=says),)


def _attendance(programme: Programme, stage: Stage, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    if not stage.attendance or facts.session is None:
        return ()
    starts, ends = facts.session
    need, came = programme.attend_at_least, facts.attended.get(stage.key)
    when_et, when_en = (formatting.day(starts.astimezone(programme.tz).date(), lang) for lang in ("et", "en"))
    if came is None:
        text = Text(
            et=f"Osalemine on märkimata: {stage.name.et}, {when_et}.",
            en=f"Attendance is not recorded: {stage.name.en}, {when_en}.",
        )
    else:
        text = Text(
            et=f"{stage.name.et}, {when_et}: kohal oli {came}, vaja on vähemalt {need}.",
            en=f"{stage.name.en}, {when_en}: {came} attended, at least {need} needed.",
        )
    return (Requirement(key="attendance", met=came is not None and came >= need, says=text, who="trainer", due=ends),)


def _work(programme: Programme, stage: Stage, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    work = stage.work
    if work is None:
        return ()
    status = facts.works.get(stage.key)
    due = facts.work_due
    met = status == SubmissionStatus.ACCEPTED or (status == SubmissionStatus.HANDED_IN and work.kind in UNREVIEWED)
    by_et = f" Tähtaeg on {formatting.moment(due, 'et', programme.tz)}." if due else ""
    by_en = f" It is due {formatting.on(due, 'en', programme.tz)}." if due else ""
    et, en = _WORK_SAYS["accepted" if met else (status or "none")]
    ends = ("", "") if status in (SubmissionStatus.ACCEPTED, SubmissionStatus.HANDED_IN) else (by_et, by_en)
    name = work.name.capitalised()
    says = Text(et=f"{name.et}: {et}." + ends[0], en=f"{name.en}: {en}." + ends[1])
    return (
        Requirement(
            key="work", met=met, says=says, who="trainer" if status == SubmissionStatus.HANDED_IN else "member", due=due
        ),
    )


UNREVIEWED = frozenset({WorkKind.RESULTS, WorkKind.PRESENTATION})
"""handing in is enough: nobody accepts or returns these"""

_WORK_SAYS = {
    "none": ("esitamata", "not handed in"),
    SubmissionStatus.HANDED_IN: ("esitatud, ootab koolitaja vastust", "handed in, waits for a trainer"),
    SubmissionStatus.RETURNED: ("tagasi saadetud, ootab parandust", "returned, waits to be mended"),
    SubmissionStatus.ACCEPTED: ("olemas", "done"),
}


def _either(met: bool, there_et: str, there_en: str, lack_et: str, lack_en: str) -> Text:
    return Text(et=there_et, en=there_en) if met else Text(et=lack_et, en=lack_en)


_BY_STATE: Mapping[str, Callable[[Programme, Facts, datetime], tuple[Requirement, ...]]] = {
    "applied": _applied,
    "waitlisted": _applied,
    "selected": _selected,
}
_Part = Callable[[Programme, Stage, Facts, datetime], tuple[Requirement, ...]]
_PARTS: Mapping[str, _Part] = {"attendance": _attendance, "work": _work, "mentor": _mentor, "window": _window}
SHAPES: Mapping[StageKind, tuple[str, ...]] = {
    StageKind.WORKSHOP: ("attendance", "work"),
    StageKind.MENTORING: ("mentor", "window", "work"),
    StageKind.SEMINAR: ("work", "attendance"),
    StageKind.WORK: ("work",),
}
"""what a stage of each kind asks for before a team may leave it, in the order in which a reader expects it"""
