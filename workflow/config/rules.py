"""Validation across the config's tables: keys, counts, people, groups. RULES is the list.

Pure. A rule looks at a draft and tells every finding of its kind; RULES is the list. The rules of dates stand
in `workflow.config.dates`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from workflow.config.draft import ConfigDraft, Placed
from workflow.config.faults import UnplacedFault, fault, near, warning
from workflow.config.parts import TRIGGERS, When
from workflow.config.stages import EVERYONE, WINDOWS, Stage, StageKind, WorkKind
from workflow.config.team.rule import MemberKind, TeamRule

Rule = Callable[[ConfigDraft], Iterator[UnplacedFault]]

STATES: Final = frozenset({"applied", "waitlisted", "selected", "completed", "declined", "released", "withdrawn"})
"""States that every team knows beside the stages."""


def keys_are_used_once(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Two parts of a list under one key would be taken for each other."""
    lists: tuple[Sequence[Placed[Any]], ...] = (
        draft.groups,
        draft.stages,
        draft.fields,
        _kinds(draft),
        draft.trainers,
        draft.mentors,
        draft.coordinators,
        draft.readers,
    )
    for parts in lists:
        seen: set[str] = set()
        for placed in parts:
            key = placed.part.key
            if key in seen:
                yield fault(
                    (*placed.path, "key"),
                    f"Võti „{key}“ on juba kasutusel. Andke igaühele oma võti.",
                    f'The key "{key}" is taken already. Give each a key of its own.',
                )
            seen.add(key)


def _kinds(draft: ConfigDraft) -> tuple[Placed[MemberKind], ...]:
    kinds = draft.team.kinds if draft.team is not None else ()
    return tuple(Placed(("team", "kinds", index), kind) for index, kind in enumerate(kinds))


def stages_are_not_states(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A stage is a state: it must not be called what every team's other states are called."""
    for stage in draft.stages:
        if stage.part.key in STATES:
            yield fault(
                (*stage.path, "key"),
                f"„{stage.part.key}“ on meeskonna olek, mis on alati olemas. Andke etapile muu võti.",
                f'"{stage.part.key}" is a state that teams have anyway. Give the stage another key.',
            )


def groups_hold_everyone(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """The groups' sizes together reach the capacity."""
    room = sum(group.part.size for group in draft.groups)
    whole = len(draft.groups) == len(draft.group_keys)
    if draft.groups and whole and draft.capacity is not None and room < draft.capacity:
        yield fault(
            ("groups",),
            f"Rühmadesse mahub {room} meeskonda, aga capacity on {draft.capacity}. Suurendage mõnda rühma.",
            f"The groups hold {room} teams, but capacity is {draft.capacity}. Make a group larger.",
        )


def teams_can_be_formed(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """The numbers of the team rule fit each other."""
    team = draft.team
    if team is None:
        return
    if "min_members" in team.model_fields_set and team.least > team.min_members:
        yield warning(
            ("team", "min_members"),
            "Liikmete liikide miinimumid on kokku suuremad: tegelik alampiir on nende summa.",
            "The minima of the kinds of members come to more: their sum is the real limit.",
        )
    most = team.max_members or (draft.limits.members if draft.limits is not None else team.least)
    if most < team.least:
        yield fault(
            ("team", "max_members") if team.max_members else ("limits", "members"),
            f"Meeskonnas peab olema vähemalt {team.least} liiget. Suurendage ülempiiri.",
            f"A team needs at least {team.least} members. Raise the limit.",
        )
    if draft.attend_at_least is not None and draft.attend_at_least > team.least:
        yield fault(
            ("attend_at_least",),
            f"Väikseimas meeskonnas on {team.least} liiget: rohkem ei saa kohal olla. Vähendage seda.",
            f"The smallest team has {team.least} members: no more can attend. Lower the number.",
        )
    yield from _kinds_fit(team, most)


def _kinds_fit(team: TeamRule, most: int) -> Iterator[UnplacedFault]:
    """Each kind may have as many as it must have, and all kinds together as many as a team must have."""
    for index, kind in enumerate(team.kinds):
        if kind.max is not None and kind.max < kind.min:
            yield fault(
                ("team", "kinds", index, "max"),
                f"Vähim arv on {kind.min}. Suurendage seda või vähendage alampiiri min.",
                f"The fewest are {kind.min}. Raise this, or lower min.",
            )
    room = sum(kind.max or most for kind in team.kinds)
    if team.kinds and room < team.least:
        yield fault(
            ("team", "kinds"),
            f"Liike mahub meeskonda kokku {room}, aga liikmeid peab olema vähemalt {team.least}. Suurendage mõnda max.",
            f"There is room for {room} of all kinds, but a team needs {team.least} members. Raise a max.",
        )


def people_are_known(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Every trainer of a stage stands in the lists of people."""
    for stage in draft.stages:
        for index, key in enumerate(stage.part.trainers):
            if key not in draft.people_keys:
                near_et, near_en = near(key, sorted(draft.people_keys))
                yield fault(
                    (*stage.path, "trainers", index),
                    f"Inimest võtmega „{key}“ pole. {near_et}Parandage võti või lisage [[trainers]].",
                    f'There is nobody under the key "{key}". {near_en}Mend the key or add [[trainers]].',
                )


def one_person_one_address(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A key that stands in two lists means the same person in both."""
    known: dict[str, tuple[str, str]] = {}
    for placed in (*draft.trainers, *draft.mentors, *draft.coordinators, *draft.readers):
        person = placed.part
        if known.setdefault(person.key, (person.name, person.address)) != (person.name, person.address):
            yield fault(
                (*placed.path, "key"),
                f"Võti „{person.key}“ on teises loendis teisel inimesel. Andke kummalegi oma võti.",
                f'The key "{person.key}" is someone else\'s in another list. Give each a key of their own.',
            )


def people_read_what_is_offered(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Whoever is written to in a language that the programme does not offer gets its texts in another one."""
    for placed in (*draft.trainers, *draft.mentors, *draft.coordinators, *draft.readers):
        lang = placed.part.lang
        if draft.languages and "lang" in placed.part.model_fields_set and lang not in draft.languages:
            offered = ", ".join(draft.languages)
            yield warning(
                (*placed.path, "lang"),
                f"Programmi keelte seas keelt {lang} pole. Kustutage see rida või lisage keel: languages ({offered}).",
                f"{lang} is none of the programme's languages. Delete this line, or add it to languages ({offered}).",
            )


def groups_are_known(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Every session is some group's, or everyone's."""
    for stage in draft.stages:
        for key in stage.part.sessions:
            if key != EVERYONE and key not in draft.group_keys:
                yield fault(
                    (*stage.path, "sessions", key),
                    f'Rühma „{key}“ pole. Parandage võti, lisage [[groups]] või kirjutage kõigi jaoks "*".',
                    f'There is no group "{key}". Mend the key, add [[groups]], or write "*" for everyone.',
                )


def every_group_has_dates(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Each group is invited to each workshop and to the seminar."""
    for stage in draft.stages:
        if stage.part.kind in WINDOWS:
            continue
        for group in draft.calendars():
            if stage.part.session(group) is None:
                name_et, name_en = (f"Rühmal „{group}“", f'Group "{group}"') if group else ("Etapil", "The stage")
                key = group or '"*"'
                yield fault(
                    (*stage.path, "sessions"),
                    f"{name_et} pole siin kuupäeva. Lisage [stages.sessions.{key}] algusega ja lõpuga.",
                    f"{name_en} has no date here. Add [stages.sessions.{key}] with a start and an end.",
                )


ONLY_IN: Final = {
    "start": WINDOWS,
    **dict.fromkeys(("end", "hours", "hours_from", "hours_until"), frozenset({StageKind.MENTORING})),
}


def parts_fit_the_kind(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Mentoring has a window and work a first day, both without sessions; the others have sessions and no window."""
    for placed in draft.stages:
        stage = placed.part
        for key, kinds in ONLY_IN.items():
            if key in stage.model_fields_set and stage.kind not in kinds:
                words = " või ".join(sorted(kinds)), " or ".join(sorted(kinds))
                yield fault(
                    (*placed.path, key),
                    f"Siin pole see võti kasutusel. Kustutage see või muutke kind väärtuseks {words[0]}.",
                    f"This key has no use here. Delete it, or set kind to {words[1]}.",
                )
        if stage.kind in WINDOWS:
            yield from _window_fits(placed)


def _window_fits(placed: Placed[Stage]) -> Iterator[UnplacedFault]:
    stage = placed.part
    if stage.sessions:
        yield fault(
            (*placed.path, "sessions"),
            f"Etapil ({stage.kind}) pole kohtumispäevi. Kustutage need.",
            f"A stage of {stage.kind} has no sessions. Delete them.",
        )
    for key in ("start", "end"):
        if getattr(stage, key) is None and stage.kind in ONLY_IN[key]:
            yield fault(
                (*placed.path, key),
                f"Etapi kuupäev on puudu. Lisage {key}, näiteks {key} = 2022-06-21.",
                f"A date of the stage is missing. Add {key}, for instance {key} = 2022-06-21.",
            )
    if stage.kind is StageKind.WORK and (stage.work is None or stage.work.kind is WorkKind.PRESENTATION):
        yield fault(
            (*placed.path, "work") if stage.work is None else (*placed.path, "work", "kind"),
            "Etapp seisneb töös, mis antakse kohtumiseta ära. Lisage [stages.work], näiteks kind = \"homework\".",
            'This stage is a work that is handed in and not shown. Add [stages.work], for instance kind = "homework".',
        )


REVIEWED: Final = frozenset({WorkKind.HOMEWORK, WorkKind.PLAN})


def _no_trainer(path: tuple[str | int, ...], *, everybody: bool) -> UnplacedFault:
    """everybody: the programme has trainers, and so all of them are asked."""
    et, en = ("kõigilt koolitajatelt", "all trainers are") if everybody else ("koordinaatorilt", "the coordinator is")
    return warning(
        path,
        f"Etapil pole koolitajat: kohalolu ja tööd küsitakse {et}. Lisage trainers.",
        f"No trainer here: {en} asked for attendance and reviews. Add trainers.",
    )


def somebody_answers(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Who is asked where a stage names no trainer (`workflow/records/on_duty.py`); mentoring has mentors."""
    for placed in draft.stages:
        stage = placed.part
        asks = bool(stage.sessions) and stage.attendance
        reviews = stage.work is not None and stage.work.kind in REVIEWED
        if (asks or reviews) and not stage.trainers:
            yield _no_trainer(placed.path, everybody=bool(draft.trainers))
        if stage.kind is StageKind.MENTORING and not draft.mentors:
            yield warning(
                placed.path,
                "Programmis pole ühtegi mentorit. Lisage [[mentors]].",
                "The programme has no mentor. Add [[mentors]].",
            )


def triggers_are_known(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """[approve] names triggers of the machine."""
    for key in draft.triggers:
        if key not in TRIGGERS:
            near_et, near_en = near(key, TRIGGERS)
            listed = ", ".join(TRIGGERS)
            yield fault(
                ("approve", key),
                f"Sellist sammu pole. {near_et}Võimalikud on: {listed}.",
                f"There is no such trigger. {near_en}These are: {listed}.",
            )


def mails_are_known(send: object, known: Collection[str]) -> Iterator[UnplacedFault]:
    """[send] names mails: one that is called otherwise would leave at once, unseen. Nobody could approve the mail that
    lets the coordinator in."""
    for key, when in send.items() if isinstance(send, Mapping) else ():
        if key == "sign_in" and when == When.AFTER_APPROVAL:
            yield fault(
                ("send", key),
                "See kiri laseb koordinaatori sisse ega saa tema nõusolekut oodata. Kustutage see rida.",
                "This mail lets the coordinator in and cannot wait for their approval. Delete this line.",
            )
        if key not in known and key != "default":
            near_et, near_en = near(key, known)
            yield fault(
                ("send", key),
                f"Sellist kirja pole. {near_et}Nimed on samad mis failidel kaustas templates/email, ilma lõputa .md.",
                f"There is no such mail. {near_en}The names are those of the files in templates/email, without .md.",
            )


RULES: Final[tuple[Rule, ...]] = (
    keys_are_used_once,
    stages_are_not_states,
    groups_hold_everyone,
    teams_can_be_formed,
    people_are_known,
    one_person_one_address,
    people_read_what_is_offered,
    groups_are_known,
    every_group_has_dates,
    parts_fit_the_kind,
    somebody_answers,
    triggers_are_known,
)
