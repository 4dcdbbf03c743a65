"""The ledger adds up: property tests over any order of entries."""

from hypothesis import given
from hypothesis import strategies as st

from workflow.rules.hours import Balance, Entry, EntryKind, balance, effective, open_entries, repeated

KINDS = st.sampled_from(list(EntryKind))


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Entry, ...]:
    rows = []
    for i in range(1, draw(st.integers(0, 12)) + 1):
        kind = draw(KINDS)
        about = draw(st.integers(1, i - 1)) if i > 1 and kind not in (EntryKind.RESERVED, EntryKind.HELD) else None
        rows.append(Entry(id=i, person_id=1, kind=kind, minutes=draw(st.integers(0, 300)), about_id=about))
    return tuple(rows)


def test_a_reservation_counts_until_it_is_reported_and_then_the_report_counts() -> None:
    booked = Entry(id=1, person_id=1, kind=EntryKind.RESERVED, minutes=90)
    report = Entry(id=2, person_id=1, kind=EntryKind.REPORTED, minutes=60, about_id=1)
    assert balance((booked,), 960) == Balance(960, 90, 90)
    assert balance((booked, report), 960) == Balance(960, 60, 0)


def test_held_hours_count_nothing_and_granted_ones_raise_the_cap() -> None:
    held = Entry(id=1, person_id=1, kind=EntryKind.HELD, minutes=120)
    grant = Entry(id=2, person_id=1, kind=EntryKind.GRANTED, minutes=60, about_id=1)
    assert balance((held,), 60).left == 60
    assert balance((held, grant), 60).left == 120


def test_corrections_are_signed_and_a_report_corrected_to_nothing_is_gone() -> None:
    report = Entry(id=1, person_id=1, kind=EntryKind.REPORTED, minutes=60)
    back = Entry(id=2, person_id=1, kind=EntryKind.CORRECTED, minutes=-60, about_id=1)
    assert effective((report, back)) == ()
    assert balance((report, back), 960).left == 960


@given(ledgers(), st.integers(0, 2000))
def test_used_and_left_always_make_the_cap(entries: tuple[Entry, ...], cap: int) -> None:
    found = balance(entries, cap)
    assert found.used + found.left == found.cap
    assert found.reserved == sum(e.minutes for e in open_entries(entries, EntryKind.RESERVED))


@given(ledgers(), st.integers(0, 300))
def test_only_what_stands_there_can_be_repeated_and_never_another_mentors(
    entries: tuple[Entry, ...], minutes: int
) -> None:
    there = effective(entries)
    said = Entry(id=0, person_id=1, kind=EntryKind.REPORTED, minutes=minutes)
    same = repeated(said, there)
    assert (same is not None) == bool(
        any(minutes in (e.minutes, m) for e, m in there) or (there and minutes == sum(m for _, m in there))
    )
    assert same is None or same in [entry for entry, _ in there]
    other = Entry(id=0, person_id=2, kind=EntryKind.REPORTED, minutes=minutes)
    assert repeated(other, there) is None
