"""Sheets of applications as coordinators have them: the template filled in, forms of Google's and Microsoft's."""

from collections.abc import Sequence

from tests.builders import FEBRUARY, config
from workflow.codes import ImportKind
from workflow.importing import columns, import_rows
from workflow.importing.import_rows import ImportRow
from workflow.rules.application import Application
from workflow.sheets.sheet import Sheet, SheetRow

PROGRAMME = config().programme
WHY, WHO, NEEDS = (question.label for question in PROGRAMME.apply.fields)
THIRTY = [f"Küla {number}" for number in range(30)]
TEAMS = ("Võru", "Põlva", "Saue")
PEOPLE = (
    ("Mari Maa", "mari", "omavalitsus", "arendusnõunik"),
    ("Jüri Jõgi", "juri", "omavalitsus", "kultuurijuht"),
    ("Kai Kuusk", "kai", "kogukond", "külavanem"),
    ("Ott Org", "ott", "kogukond", "seltsi juht"),
)


def stem(team: str) -> str:
    return team.lower().translate(str.maketrans("õü ", "ou-"))


def sheet(*rows: Sequence[str]) -> Sheet:
    return Sheet("Leht", tuple(SheetRow(number, tuple(row)) for number, row in enumerate(rows, 1) if any(row)))


def row_a_member(teams: Sequence[str] = TEAMS) -> Sheet:
    """The template's way: the team beside its first member alone."""
    heads = ("Meeskonna nimi", "Omavalitsus", WHY.et, WHO.et, "Liikme nimi", "E-post", "Pool", "Amet või roll",
             "Kontaktisik")  # fmt: skip
    rows = []
    for team in teams:
        for i, (name, address, side, post) in enumerate(PEOPLE):
            whole = (team, f"{team} vald", "Koostöö pärast", "Seltsid") if i == 0 else ("", "", "", "")
            part = "jah" if i == 1 else ""
            rows.append((*whole, name, f"{address}.{stem(team)}@example.org", side, post, part))
    return sheet(heads, *rows)


def googles(teams: Sequence[str] = TEAMS) -> Sheet:
    """As Google Forms exports answers: questions as they were asked, the sender's address collected."""
    heads = ["Timestamp", "Email Address", "Team name", "Municipality", WHY.en, WHO.en, f"{NEEDS.en} "]
    for number in range(1, 5):
        heads += [f"Member {number}: name", f"Member {number}: e-mail", f"Member {number}: represents"]
    rows = []
    for team in teams:
        people = [v for name, a, side, _ in PEOPLE
                  for v in (name, f"{a}.{stem(team)}@example.org", SIDE_EN[side])]  # fmt: skip
        first = ("2/14/2022 9:12:33", f"JURI.{stem(team)}@example.org", team, team, "To work together", "Societies", "")
        rows.append((*first, *people))
    return sheet(heads, *rows)


SIDE_EN = {"omavalitsus": "Local government / municipality", "kogukond": "The community"}


def microsofts(teams: Sequence[str] = TEAMS) -> Sheet:
    """As Microsoft Forms exports answers: columns of its own, repeated questions numbered."""
    heads = ["ID", "Algusaeg", "Lõpuaeg", "Meiliaadress", "Nimi", "Meeskonna nimi", "Omavalitsus", WHY.et, WHO.et]
    for number in ("", "2", "3", "4"):
        heads += [f"Liikme nimi{number}", f"Liikme e-post{number}", f"Keda liige esindab?{number}"]
    rows = []
    for i, team in enumerate(teams):
        people = [v for name, a, side, _ in PEOPLE
                  for v in (name, f"{a}.{stem(team)}@example.org", f"{side[:-1]}a esindaja"
                            if side == "kogukond" else "OMAVALITSUS")]  # fmt: skip
        own = (str(i + 1), "2022-02-14 09:00", "2022-02-14 09:12", "anonymous", "anonymous")
        rows.append((*own, team, f"{team} vald", "Koostöö pärast", "Seltsid", *people))
    return sheet(heads, *rows)


def read(given: Sheet, kind: ImportKind = ImportKind.APPLICATIONS, lang: str = "et") -> tuple[ImportRow, ...]:
    return import_rows.read(kind, PROGRAMME, given, columns.match(kind, PROGRAMME, given), FEBRUARY, lang)


def applications(given: Sheet) -> list[Application]:
    rows = read(given)
    assert [(row.number, [(f.row, f.column.en, f.says.en) for f in row.faults]) for row in rows if row.faults] == []
    return [row.item for row in rows if isinstance(row.item, Application)]
