"""The default config.toml says what the announcement says, and other programmes are a change of config only."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from tests.paths import ROOT
from workflow.config.loader import ApprovalRule, Config, Programme, StageKind, Undecided, When, WorkKind, check, load
from workflow.rules.mail_kinds import MAIL_KINDS

CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def config() -> Config:
    return load(CONFIG, {})


@pytest.fixture(scope="module")
def programme(config: Config) -> Programme:
    return config.programme


def without_stages(text: str, *keys: str) -> str:
    """The config's text without these stages."""
    head, *stages = text.split("[[stages]]\n")
    last, people = stages[-1].split("# -----", 1)
    kept = [s for s in [*stages[:-1], last] if re.match(r'key = "(\w+)"', s)[1] not in keys]  # type: ignore[index]
    return "".join([head, *(f"[[stages]]\n{stage}" for stage in kept), "# -----", people])


def test_the_default_config_has_neither_faults_nor_warnings() -> None:
    assert check(CONFIG, {}) == ()


def test_applications_close_when_the_27th_of_february_ends_in_tallinn(programme: Programme) -> None:
    assert programme.apply.closes_at.astimezone(UTC) == datetime(2022, 2, 27, 22, 0, tzinfo=UTC)
    assert programme.apply.closes_at.utcoffset() is not None


def test_a_team_is_four_people_two_from_each_side_and_there_is_room_for_ten(programme: Programme) -> None:
    rule = programme.team
    assert (rule.least, [(kind.key, kind.min) for kind in rule.kinds]) == (4, [("municipality", 2), ("community", 2)])
    assert (programme.capacity, [group.size for group in programme.groups]) == (10, [5, 5])


@pytest.mark.parametrize(
    ("group", "days"),
    [("I", ["05.04", "19.04", "10.05", "24.05", "14.06"]), ("II", ["06.04", "20.04", "11.05", "25.05", "15.06"])],
)
def test_each_group_has_its_five_workshops_from_ten_to_five(programme: Programme, group: str, days: list[str]) -> None:
    workshops = [stage for stage in programme.stages if stage.kind is StageKind.WORKSHOP]
    sessions = [programme.session(stage.key, group) for stage in workshops]
    assert [session.start.strftime("%d.%m") for session in sessions if session] == days
    hours = {(session.start.strftime("%H.%M"), session.end.strftime("%H.%M")) for session in sessions if session}
    assert hours == {("10.00", "17.00")}


def test_the_journey_is_five_workshops_mentoring_and_the_seminar(programme: Programme) -> None:
    workshops = [f"workshop_{number}" for number in range(1, 6)]
    assert [stage.key for stage in programme.stages] == [*workshops, "mentoring", "final_seminar"]
    assert programme.first_stage.key == "workshop_1"
    assert [following.key for stage in programme.stages if (following := programme.after(stage.key))] == [
        stage.key for stage in programme.stages[1:]
    ]
    assert programme.after("final_seminar") is None


def test_four_workshops_have_homework_and_the_fifth_the_implementation_plan(programme: Programme) -> None:
    works = [stage.work for stage in programme.stages]
    assert [work.kind for work in works if work] == [
        *[WorkKind.HOMEWORK] * 4,
        WorkKind.PLAN,
        WorkKind.RESULTS,
        WorkKind.PRESENTATION,
    ]
    assert [work.name.et for work in works[:4] if work] == [
        "kogukondade kaardistamine",
        "koosloome vormide kaardistamine",
        "kogukondade arengufaaside hindamine",
        "koostöömudeli kirjeldamine",
    ]
    assert works[4] is not None
    assert works[4].name.en == "implementation plan"


def test_homework_is_due_before_the_groups_own_next_workshop(programme: Programme) -> None:
    dues = [programme.due("workshop_1", group.key) for group in programme.groups]
    assert [due.isoformat() for due in dues if due] == ["2022-04-13T17:00:00+03:00", "2022-04-14T17:00:00+03:00"]


def test_mentoring_is_three_months_and_sixteen_hours_between_the_plan_and_the_seminar(programme: Programme) -> None:
    mentoring, seminar = programme.stage("mentoring"), programme.session("final_seminar", "II")
    assert mentoring.start is not None
    assert mentoring.end is not None
    assert seminar is not None
    assert (mentoring.start.isoformat(), mentoring.end.isoformat()) == ("2022-06-21", "2022-09-20")
    assert (mentoring.hours, mentoring.minutes) == (16, 960)
    assert seminar.start.strftime("%d.%m") == "28.09"
    assert programme.session("final_seminar", "I") == seminar
    assert programme.session("mentoring", "I") is None


def test_the_announcements_words_stand_in_the_config(programme: Programme) -> None:
    about = programme.about
    counts = [about.goals, about.outcomes_know, about.outcomes_can, about.who_may_apply, about.parts, about.reasons]
    assert [len(texts) for texts in counts] == [3, 6, 6, 3, 2, 7]
    assert [len(stage.topics) for stage in programme.stages[:5]] == [3, 3, 3, 3, 4]
    assert "tasuta" in about.free.et
    assert programme.info_day is not None
    assert programme.info_day.start.strftime("%d.%m") == "16.02"
    assert [trainer.name for trainer in programme.trainers] == [
        "Maris Jõgeva",
        "Rasmus Pedanik",
        "Krista Pegolainen-Saar",
        "Ivika Nõgel",
    ]
    assert (programme.contact.name, programme.contact.phone) == ("Kati-Katri Koppel", "+372 5555 0100")
    assert len(programme.organisers) == 3


def test_nobody_real_can_be_mailed_or_called() -> None:
    addresses = re.findall(r"[\w.+-]+@[\w.-]+\w", CONFIG)
    assert addresses
    assert {address.rpartition(".example.org")[1] or address[-12:] for address in addresses} <= {
        ".example.org",
        "@example.org",
    }
    phones = re.findall(r'phone = "(.*)"', CONFIG)
    assert phones
    assert all(re.fullmatch(r"\+372 5555 01\d\d", phone) for phone in phones)


def test_every_text_is_said_in_both_languages(programme: Programme) -> None:
    pairs = re.findall(r'et = "(.*?)", en = "(.*?)"', CONFIG)
    assert len(pairs) > 100
    assert all(et and en for et, en in pairs)
    assert programme.name.say("et") != programme.name.say("en")
    assert programme.name.say("ru") == programme.name.say("et")


def test_a_programme_cannot_be_changed_but_can_be_copied(programme: Programme) -> None:
    with pytest.raises(ValidationError):
        programme.capacity = 11
    with pytest.raises(TypeError):
        programme.approve["select"] = ApprovalRule()  # type: ignore[index]
    assert copy.deepcopy(programme) == pickle.loads(pickle.dumps(programme)) == programme


def test_a_trigger_that_is_not_named_waits_for_the_coordinator() -> None:
    programme = load(CONFIG.replace('select = "coordinator"\n', ""), {}).programme
    assert programme.waits("select")
    assert not programme.waits("advance")


def test_a_trigger_says_what_follows_when_nobody_decides() -> None:
    rule = 'release = { after_days = 3, then = "kept" }\nwithdraw = { by = "coordinator", then = "automatic" }'
    text = CONFIG.replace('release = "coordinator"\nwithdraw = "coordinator"', rule)
    programme = load(text, {}).programme
    assert (programme.approve["release"].after_days, programme.approve["withdraw"].after_days) == (3, 5)
    said = [programme.undecided(one) for one in ("release", "withdraw", "complete")]
    assert said == [Undecided.KEPT, Undecided.AUTOMATIC, Undecided.KEPT]
    assert load(CONFIG, {}).programme.undecided("release") is Undecided.AUTOMATIC


def test_a_mail_that_is_not_named_leaves_as_the_default_says() -> None:
    text = CONFIG.replace('default = "at once"', 'default = "after approval"\nreceipt = "at once"')
    programme = load(text, {}).programme
    assert (programme.when_sent("selected"), programme.when_sent("receipt")) == (When.AFTER_APPROVAL, When.AT_ONCE)
    assert programme.when_sent("receipt", When.AFTER_APPROVAL) is programme.when_sent("x", When.AT_ONCE) is When.AT_ONCE


def test_what_tells_that_something_waits_and_lets_people_in_does_not_wait_itself() -> None:
    programme = load(CONFIG.replace('default = "at once"', 'default = "after approval"'), {}).programme
    at_once = {name for name, one in MAIL_KINDS.items() if programme.when_sent(name, one.usually) is When.AT_ONCE}
    assert at_once == {
        "approve", "sign_in_to_decide", "digest", "alert", "sign_in", "sign_in_changed", "handed_over", "own_letter",
        "own_reply",
    }  # fmt: skip


WORKSHOPS = tuple(f"workshop_{number}" for number in range(1, 6))


@pytest.mark.parametrize(
    "gone",
    [
        WORKSHOPS[3:],
        WORKSHOPS,
        ("mentoring",),
        ("final_seminar",),
        ("mentoring", "final_seminar"),
        (*WORKSHOPS, "mentoring"),
    ],
    ids=" ".join,
)
def test_stages_can_be_left_out(gone: tuple[str, ...]) -> None:
    programme = load(without_stages(CONFIG, *gone), {}).programme
    assert not {stage.key for stage in programme.stages} & set(gone)


def test_one_group_is_enough() -> None:
    text = CONFIG.replace('[[groups]]\nkey = "II"\nname = { et = "II rühm", en = "Group II" }\nsize = 5\n', "")
    text = re.sub(r"\[stages\.sessions\.II\]\n(.+\n)+", "", text).replace("size = 5", "size = 10")
    assert [group.key for group in load(text, {}).programme.groups] == ["I"]


def test_there_can_be_no_groups_and_one_calendar_for_all() -> None:
    text = re.sub(r"\[\[groups\]\]\n(.+\n)+", "", CONFIG)
    text = re.sub(r"\[stages\.sessions\.II\]\n(.+\n)+", "", text).replace("sessions.I]", 'sessions."*"]')
    programme = load(text, {}).programme
    assert programme.groups == ()
    assert programme.session("workshop_1") is not None
    assert programme.due("workshop_1") is not None


def test_there_can_be_a_second_mentoring_stage() -> None:
    text = CONFIG.replace("end = 2022-09-20", "end = 2022-07-20").replace("due = 2022-09-20T", "due = 2022-07-20T")
    second = (
        '[[stages]]\nkey = "mentoring_2"\nkind = "mentoring"\nname = "Mentoring 2"\n'
        "start = 2022-08-01\nend = 2022-09-20\nhours = 4\n\n"
    )
    seminar = '[[stages]]\nkey = "final_seminar"'
    programme = load(text.replace(seminar, second + seminar), {}).programme
    assert [stage.minutes for stage in programme.stages if stage.kind is StageKind.MENTORING] == [960, 240]


def test_hours_are_those_of_the_programmes_own_zone() -> None:
    programme = load(CONFIG.replace('"Europe/Tallinn"', '"Europe/Lisbon"'), {}).programme
    session = programme.session("workshop_1", "I")
    assert session is not None
    assert session.start.astimezone(UTC) == datetime(2022, 4, 5, 9, 0, tzinfo=UTC)
    assert programme.apply.closes_at.astimezone(UTC) == datetime(2022, 2, 28, 0, 0, tzinfo=UTC)
