"""Every fault is told with its place, its line and what to do, in both languages, and all of them in one go."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import ROOT
from workflow.config.loader import ConfigFault, ConfigFaults, Severity, check, load
from workflow.rules.mail_kinds import MAIL_KINDS

CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")


def changed(old: str, new: str, text: str = CONFIG) -> str:
    """The config's text with the first `old` made `new`."""
    assert old in text
    return text.replace(old, new, 1)


def line_with(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def only(faults: tuple[ConfigFault, ...]) -> ConfigFault:
    assert len(faults) == 1, [fault.line_text("en") for fault in faults]
    return faults[0]


# What is changed into what; the place that is told; a word of the sentence.
FAULTS = [
    ("capacity = 10", "capacity = 10\ncapasity = 9", "capasity", "Did you mean capacity"),
    ("place_answer_days = 7", "place_answer_day = 7", "apply.place_answer_day", "Did you mean place_answer_days"),
    ("capacity = 10", 'capacity = "10"', "capacity", "whole number"),
    ("required = true", 'required = "yes"', "apply.fields[0].required", "true or false"),
    ("before = 2022-02-28", 'before = "2022-02-28"', "apply.before", "2022-02-28"),
    ("before = 2022-02-28", "before = 2022-02-28T12:00:00", "apply.before", "without an hour"),
    ("start = 2022-04-05T10:00:00", "start = 2022-04-05", "stages[0].sessions.I.start", "Write a date and an hour"),
    ("due_time = 17:00:00", 'due_time = "17"', "stages[0].work.due_time", "Write an hour"),
    ('kind = "workshop"', 'kind = "workshp"', "stages[0].kind", "'workshop', 'mentoring', 'seminar' or 'work'"),
    ('languages = ["et", "en"]', 'languages = ["et", "fi"]', "languages[1]", "'et' or 'en'"),
    ('languages = ["et", "en"]', 'languages = "et"', "languages", "square brackets"),
    ('languages = ["et", "en"]', "languages = []", "languages", "at least 1"),
    ('timezone = "Europe/Tallinn"', 'timezone = "Europe/Tartu"', "timezone", "no such time zone"),
    ("start = 2022-02-16T14:00:00", "start = 2022-03-27T03:30:00", "info_day.start", "clocks go forward"),
    ("before = 2022-02-28", "before = 0202-02-28", "apply.before", "The year must be a slip"),
    ("end = 2022-02-16T15:30:00", "end = 9999-02-16T15:30:00", "info_day.end", "The year must be a slip"),
    ("due_days_before_next = 6", "due_days_before_next = 9999999", "stages[0].work.due_days_before_next", "at most"),
    ("maris.jogeva@example.org", "maris.jogeva", "trainers[0].address", "not a mail address"),
    ('key = "workshop_1"', 'key = "Workshop 1"', "stages[0].key", "lower-case"),
    ('key = "workshop_2"', 'key = "workshop_1"', "stages[1].key", "taken already"),
    ('key = "workshop_1"', 'key = "selected"', "stages[0].key", "Give the stage another key"),
    ('key = "community"', 'key = "motivation"', "apply.fields[1].key", "taken already"),
    ('key = "rasmus"', 'key = "maris"', "trainers[1].key", "taken already"),
    ("size = 5", "size = 4", "groups", "hold 9 teams"),
    ("size = 5", "size = 0", "groups[0].size", "greater than 0"),
    ("attend_at_least = 2", "attend_at_least = 5", "attend_at_least", "4 members"),
    ("posts_per_minute = 20", "members = 3", "limits.members", "at least 4"),
    ('["maris", "rasmus"]', '["mari", "rasmus"]', "stages[0].trainers[0]", "Did you mean maris"),
    ('key = "naidis"', 'key = "maris"', "mentors[1].key", "someone else's"),
    ("[stages.sessions.II]", "[stages.sessions.III]", "stages[0].sessions.III", "no group"),
    ("end = 2022-04-05T17:00:00", "end = 2022-04-05T09:00:00", "stages[0].sessions.I.end", "not after the start"),
    ("end = 2022-02-16T15:30:00", "end = 2022-02-16T13:30:00", "info_day.end", "not after the start"),
    ("end = 2022-09-20", "end = 2022-06-20", "stages[5].end", "ends before it starts"),
    ("start = 2022-06-21", "start = 2022-06-14", "stages[5].start", 'before "Workshop V" is over'),
    ("hours = 16", "hours = 0", "stages[5].hours", "greater than 0"),
    ("hours = 16", "hours = -1", "stages[5].hours", "greater than 0"),
    ("hours = 16", "hours = 16\nsessions = {}\ntopics = 1", "stages[5].topics", "square brackets"),
    ("due_days_before_next = 6\n", "", "stages[0].work", "no due date"),
    (
        "due_days_before_next = 6",
        "due_days_before_next = 15",
        "stages[0].work.due_days_before_next",
        "is due (4.04.2022) before",
    ),
    (
        "due_days_before_next = 6",
        "due_days_before_next = 6\ndue = 2022-04-13T17:00:00",
        "stages[0].work.due_days_before_next",
        "given twice",
    ),
    ("due = 2022-06-20T17:00:00", "due = 2022-06-22T17:00:00", "stages[4].work.due", 'after "Mentoring" has begun'),
    ("due = 2022-09-20T17:00:00", "due = 2022-06-01T17:00:00", "stages[5].work.due", 'before "Mentoring" is over'),
    ("due = 2022-09-26T17:00:00", "due = 2022-09-29T17:00:00", "stages[6].work.due", 'after "Final seminar"'),
    (
        "due = 2022-09-26T17:00:00",
        "due_days_before_next = 2",
        "stages[6].work.due_days_before_next",
        "Give a date: due",
    ),
    ("before = 2022-02-28", "before = 2022-04-08", "apply.before", "Move this earlier"),
    ("opens = 2022-02-01", "opens = 2022-02-28", "apply.before", "not after the opening"),
    ("questions = [7, 2]", "questions = [7, -2]", "reminders.questions[1]", "after its event"),
    ("reminder_days = [1]", "reminder_days = [-1]", "info_day.reminder_days[0]", "after its event"),
    (
        "sessions = [7, 1]\noverdue = [1, 3]\nafter_due = 7\nhour = 9",
        "sessions = [7, 0]\nhour = 10",
        "reminders.sessions[1]",
        "has begun by then",
    ),
    ("hours_day = 1", "hours_day = 31", "reminders.hours_day", "at most 28"),
    ('select = "coordinator"', 'selekt = "coordinator"', "approve.selekt", "Did you mean select"),
    ('select = "coordinator"', 'select = "boss"', "approve.select", "'coordinator' or 'automatic'"),
    ('select = "coordinator"', 'select = { then = "never" }', "approve.select.then", "'automatic' or 'kept'"),
    ('select = "coordinator"', 'select = { after_days = 0 }', "approve.select.after_days", "greater than 0"),
    ('default = "at once"', 'default = "now"', "send.default", "'at once' or 'after approval'"),
    ("letter_bytes = 26_214_400", "letter_bytes = 0", "limits.letter_bytes", "greater than 0"),
    ('domain = "teekond.example.org"', 'domain = "x@y"', "mail.domain", "Write a domain"),
    ('from_name = "Koosloome programm"\n', "", "mail.from_name", "Add from_name"),
    ("relay_port = 25", "relay_port = 70000", "mail.relay_port", "at most 65535"),
    ('base_url = "http://localhost:8080"', 'base_url = "localhost:8080"', "base_url", "http://"),
    ('relay_tls = "none"', 'relay_tls = "none"\nrelay_password = "hunter2"', "mail.relay_password", "RELAY_PASSWORD"),
    ("capacity = 10", 'capacity = 10\nsecret_key = "hunter2"', "secret_key", "TEEKOND_SECRET_KEY"),
    ("sqlite:///teekond.db", "postgresql+psycopg://t:hunter2@db/t", "database.url", "TEEKOND_DATABASE__URL"),
]


@pytest.mark.parametrize(("old", "new", "place", "words"), FAULTS, ids=[f"{row[2]}: {row[3]}" for row in FAULTS])
def test_a_fault_is_told_with_its_place_its_line_and_a_sentence(old: str, new: str, place: str, words: str) -> None:
    text = changed(old, new)
    faults = check(text, {})
    at_place = [fault for fault in faults if fault.place == place and words in fault.says.en]
    assert at_place, [fault.line_text("en") for fault in faults]
    fault = at_place[0]
    assert fault.severity is Severity.FAULT
    assert fault.says.et != fault.says.en
    assert " or " not in fault.says.et
    assert fault.line is not None
    key = re.split(r"[.\[]", re.sub(r"(\[\d+\])+$", "", place))[-1]
    # What is missing is shown at the table that it is missing from.
    at = "[mail]" if "Add from_name" in words else key
    assert at in text.split("\n")[fault.line - 1]
    assert "hunter2" not in "".join(fault.line_text(lang) for fault in faults for lang in ("et", "en"))
    with pytest.raises(ConfigFaults):
        load(text, {})


WARNINGS = [
    ("2022-04-19T", "2022-05-01T", "stages[1].sessions.I.start", "May Day"),
    ("2022-09-28T", "2022-12-23T", "stages[6].sessions.*.start", "shortened"),
    ("2022-05-24T", "2022-05-28T", "stages[3].sessions.I.start", "weekend"),
    ("2022-02-16T", "2022-03-16T", "info_day.start", "nobody can apply any more"),
    ("place_answer_days = 7", "place_answer_days = 60", "apply.place_answer_days", "Leave more time"),
    ("due_days_before_next = 6", "due_days_before_next = 5", "stages[0].work.due_days_before_next", "Good Friday"),
    ("[team]", "[team]\nmin_members = 3", "team.min_members", "their sum"),
    ('trainers = ["maris", "rasmus"]\n', "", "stages[0]", "No trainer here"),
]


@pytest.mark.parametrize(("old", "new", "place", "words"), WARNINGS, ids=[row[2] for row in WARNINGS])
def test_a_warning_is_told_and_lived_with(old: str, new: str, place: str, words: str) -> None:
    text = CONFIG.replace(old, new) if old.endswith("T") else changed(old, new)
    told = {fault.place: fault for fault in check(text, {})}
    assert words in told[place].says.en
    assert told[place].severity is Severity.WARNING
    assert "warning" in told[place].line_text("en")
    assert "hoiatus" in told[place].line_text("et")
    assert load(text, {}).programme.key == "koosloome-2022"


def test_a_group_without_a_date_is_told_for_each_workshop() -> None:
    text = CONFIG.replace("[stages.sessions.II]", "[stages.sessions.I2]")
    without = [f for f in check(text, {}) if 'Group "II" has no date' in f.says.en]
    assert [fault.place for fault in without] == [f"stages[{index}].sessions" for index in range(5)]


def test_workshops_out_of_order_are_told_once() -> None:
    text = changed(
        "start = 2022-05-10T10", "start = 2022-04-19T10", changed("end = 2022-05-10T17", "end = 2022-04-19T17")
    )
    told = [fault for fault in check(text, {}) if 'starts before "Workshop II" is over' in fault.says.en]
    assert only(tuple(told)).place == "stages[2].sessions.I.start"


def test_a_programme_without_stages_is_told() -> None:
    text = CONFIG[: CONFIG.index("[[stages]]")] + CONFIG[CONFIG.index("[[trainers]]") :]
    assert only(check(text, {})).place == "stages"
    assert "Add stages" in only(check(text, {})).says.en


def test_an_empty_file_is_told_all_that_it_lacks() -> None:
    places = {fault.place for fault in check("", {})}
    assert {"key", "name", "about", "apply", "stages", "coordinators", "mail"} <= places


@pytest.mark.parametrize(
    ("text", "line"),
    [(CONFIG.replace("capacity = 10", "capacity = = 10"), line_with(CONFIG, "capacity = 10")), ('a = 1\nb = "', 2)],
)
def test_what_is_not_toml_is_one_fault_with_its_line(text: str, line: int) -> None:
    assert only(check(text, {})).line == line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"Europe/Tallinn"', '"Europe/Tallinn', "A quote is missing"),
        ('"Europe/Tallinn"', 'Europe/Tallinn"', "A quote is missing"),
        ('"Europe/Tallinn"', "“Europe/Tallinn”", "a word processor"),
        ('"Europe/Tallinn"', "Europe", "belongs in quotes"),
        ("2022-02-28", "28.02.2022", "like this: 2022-02-28"),
        ("2022-02-28", "2022-02-30", "no such date"),
        ("start = 2022-04-05T10:00:00", "start = 2022-04-05T25:00:00", "no such date or hour"),
        ('["et", "en"]', '["et" "en"]', "A comma is missing"),
        ('["et", "en"]', '["et", "en"', "A bracket is not closed"),
        ("required = true", "required = yes", "Write true or false"),
        ("required = true", "required = True", "Write true or false"),
        ("capacity = 10", "capacity = 10\ncapacity = 11", "twice"),
        ("[team]", "[apply]", "twice"),
        ("capacity = 10", "capacity = = 10", "Mend this line"),
    ],
)
def test_what_is_not_toml_is_told_with_what_people_do_wrong(old: str, new: str, words: str) -> None:
    text = changed(old, new)
    fault = only(check(text, {}))
    assert words in fault.says.en and fault.says.et != fault.says.en
    assert fault.line in range(line_with(CONFIG, old), line_with(CONFIG, old) + 2)


def test_a_list_is_not_too_short_where_what_stands_in_it_has_a_fault() -> None:
    text = changed('address = "koordinaator@example.org"', 'address = "koordinaator(at)example.org"')
    assert only(check(text, {})).place == "coordinators[0].address"


def test_a_due_day_is_mended_in_the_key_that_says_it() -> None:
    counted = changed("due_days_before_next = 6", "due_days_before_next = 40")
    assert "Write fewer days" in only(check(counted, {})).says.en
    assert "Move it later" in only(check(changed("due = 2022-06-20", "due = 2022-06-13"), {})).says.en


def test_a_mail_that_does_not_exist_cannot_wait_for_anybody() -> None:
    text = changed('default = "at once"', 'default = "at once"\nplace_ofer = "after approval"')
    told = only(check(text, {}, MAIL_KINDS))
    assert told.place == "send.place_ofer" and "Did you mean place_offer" in told.says.en
    assert told.line == line_with(text, "place_ofer")
    with pytest.raises(ConfigFaults):
        load(text, {}, MAIL_KINDS)
    assert load(text, {}).programme.send["default"] == "at once", "a season begun with a mail that is gone goes on"
    every = "".join(f'{name} = "at once"\n' for name in MAIL_KINDS)
    assert check(changed('default = "at once"', every), {}, MAIL_KINDS) == ()


def test_the_mail_that_lets_the_coordinator_in_cannot_wait_for_them() -> None:
    text = changed('default = "at once"', 'default = "after approval"\nsign_in = "after approval"')
    told = only(check(text, {}, MAIL_KINDS))
    assert told.place == "send.sign_in" and "Delete this line" in told.says.en
    assert check(changed('default = "at once"', 'default = "after approval"'), {}, MAIL_KINDS) == ()


def test_a_key_given_twice_is_one_fault_with_its_line() -> None:
    text = changed("capacity = 10", "capacity = 10\ncapacity = 10")
    assert only(check(text, {})).line == line_with(text, "capacity = 10\ncapacity") + 1


def test_all_faults_are_told_in_one_go_in_the_order_of_the_file() -> None:
    places = (
        "capasity",
        "info_day.start",
        "trainers[0].address",
        "stages[0].trainers[0]",
        "stages[0].sessions.III",
        "stages[5].hours",
        "reminders.questions[1]",
    )
    changes = {place: (old, new) for old, new, place, _ in FAULTS}
    text = CONFIG
    for place in places:
        text = changed(*changes[place], text)
    faults = [fault for fault in check(text, {}) if fault.severity is Severity.FAULT]
    assert set(places) <= {fault.place for fault in faults}
    assert [fault.line for fault in faults] == sorted(fault.line or 0 for fault in faults)
    with pytest.raises(ConfigFaults) as caught:
        load(text, {})
    assert caught.value.faults == tuple(faults)


def test_a_fault_is_one_line_for_a_terminal() -> None:
    fault = only(check(changed("hours_day = 1", "hours_day = 0"), {}))
    assert fault.line_text("en") == f"line {fault.line}, reminders.hours_day: The number must be at least 1."
    assert fault.line_text("et").startswith(f"rida {fault.line}, reminders.hours_day: ")


def test_the_environment_wins_over_the_file() -> None:
    environ = {
        "TEEKOND_MAIL__RELAY_HOST": "smtp.example.org",
        "TEEKOND_MAIL__RELAY_PORT": "587",
        "TEEKOND_MAIL__ONLY_TO": '["@example.org"]',
        "TEEKOND_MAIL__RELAY_PASSWORD": "hunter2",
        "TEEKOND_SECRET_KEY": "k" * 32,
        "TEEKOND_DATABASE__URL": "postgresql+psycopg://t:hunter2@db/t",
        "TEEKOND_MAILBOX__HOST": "imap.example.org",
        "TEEKOND_MAILBOX__USER": "1234",
        "TEEKOND_APPROVE__ADVANCE": "coordinator",
        "TEEKOND_CONFIG": "/etc/teekond.toml",
        "HOME": "/root",
    }
    config = load(CONFIG, environ)
    mail = config.service.mail
    assert (mail.relay_host, mail.relay_port, mail.only_to) == ("smtp.example.org", 587, ("@example.org",))
    assert mail.relay_password is not None
    assert mail.relay_password.get_secret_value() == "hunter2"
    assert config.service.mailbox is not None
    assert config.service.mailbox.user == "1234"
    assert config.programme.waits("advance")
    assert "hunter2" not in repr(mail)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TEEKOND_MAIL__RELAI_HOST", "x", "Did you mean relay_host"),
        ("TEEKOND_MIAL__ONLY_TO", "x", "Did you mean mail"),
        ("TEEKOND_MAIL", "x", "A table belongs here"),
        ("TEEKOND_WEB__PORT", "eighty", "whole number"),
        ("TEEKOND_SECRET_KEY", "short", "at least 32"),
        ("TEEKOND_STAGES__0__HOURS", "3", "no such key"),
        ("TEEKOND_", "x", "no such key"),
    ],
)
def test_a_variable_that_does_not_fit_is_told_by_its_name(name: str, value: str, words: str) -> None:
    told = [fault for fault in check(CONFIG, {name: value}) if fault.place == name]
    assert words in only(tuple(told)).says.en
    assert told[0].line is None
    assert told[0].line_text("et").startswith(name)


VALUES = ("1", '"x"', "[]", "{}", "true", "nan", "-3", "99999999999999999999", "9999-12-31", "0001-01-01T00:00:00")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, CONFIG.count("\n")), st.sampled_from((*VALUES, "", "[x]", "[[stages]]"))),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_stands_in_the_file_is_told_and_never_raised(changes: list[tuple[int, str]]) -> None:
    lines = CONFIG.split("\n")
    for index, value in changes:
        key = re.match(r"\w+ = ", lines[index])
        lines[index] = f"{key[0]}{value}" if key and value in VALUES else value if value not in VALUES else ""
    assert all(fault.line_text("et") and fault.line_text("en") for fault in check("\n".join(lines), {}))
