"""A roll-call as trainers answer it: those absent, or nobody. "-" is nobody absent."""

from datetime import date

import pytest

from tests.case_table import each
from workflow.replies.answers import Answer, Asked, ReplyContent
from workflow.replies.understand import understand

ROSTER = (
    "Birgit Laas", "Andres Kuusk", "Diana Sepp", "Carl Meri", "Mari Tamm", "Mari Kask", "Toomas Põld", "Jaan Mägi",
    "Mari-Liis Õun", "Ülle Saar", "Krõõt-Maria Ilves",
)  # fmt: skip

EVERYBODY = """
kõik
Kõik
KÕIK
koik
kõik.
Kõik!
Kõik olid kohal
Kõik olid kohal!
koik olid kohal
Kõik kohal
kõik kohal!
Kõik osalesid
Kõik osalejad olid kohal.
Kõik liikmed olid kohal
Kõik olid olemas
Kõik tulid
Kõik tulid kohale
Kogu meeskond oli kohal
Kogu tiim kohal
Terve meeskond oli kohal.
Täies koosseisus
Olid kõik
Keegi ei puudunud
Keegi ei puudunud.
Mitte keegi ei puudunud
Ei puudunud keegi
Puudujaid ei olnud
Puudujaid polnud
Puudujaid pole
Puudujad: ei olnud
Kõik olid kohal, keegi ei puudunud
Kõik 11 olid kohal
Kõik olid kohal.¶¶Heino Raud
Kõik olid kohal¶Pilvi
Tere!¶¶Kõik olid kohal.¶¶Tervitades¶Helle Saar
Tere! Kõik olid kohal. Aitäh!
Kõik olid kohal, väga tore päev oli!
Kõik olid kohal ja tublid
all
All
All present
all were present
All were there.
Everyone
Everyone was there
Everyone was present.
Everybody came
Everybody attended
Everyone attended, thanks!
Nobody was missing
Nobody was absent.
No one was absent
No absentees
The whole team was present
"""

ABSENT = """
Birgit Laas                                 = Birgit Laas
birgit laas                                 = Birgit Laas
BIRGIT LAAS                                 = Birgit Laas
Laas Birgit                                 = Birgit Laas
Birgit                                      = Birgit Laas
Laas                                        = Birgit Laas
B. Laas                                     = Birgit Laas
Birgit L.                                   = Birgit Laas
Birgitt                                     = Birgit Laas
Brigit Laas                                 = Birgit Laas
Diana                                       = Diana Sepp
Dianna                                      = Diana Sepp
Daina Sepp                                  = Diana Sepp
Andres Kuusk¶Diana Sepp                     = Andres Kuusk; Diana Sepp
Andres Kuusk, Diana Sepp                    = Andres Kuusk; Diana Sepp
Andres ja Diana                             = Andres Kuusk; Diana Sepp
Andres, Diana ja Carl                       = Andres Kuusk; Diana Sepp; Carl Meri
Andres and Diana                            = Andres Kuusk; Diana Sepp
Andres & Diana                              = Andres Kuusk; Diana Sepp
* Andres¶* Diana                            = Andres Kuusk; Diana Sepp
- Andres¶- Diana                            = Andres Kuusk; Diana Sepp
1. Andres¶2. Diana                          = ?
Andres Kuusk Diana Sepp                     = Andres Kuusk; Diana Sepp
Puudus Carl Meri                            = Carl Meri
Puudus Carl                                 = Carl Meri
Carl puudus                                 = Carl Meri
Carl Meri puudus.                           = Carl Meri
puudus: Carl Meri                           = Carl Meri
Puudusid: Andres, Diana                     = Andres Kuusk; Diana Sepp
Puudusid Andres ja Diana                    = Andres Kuusk; Diana Sepp
Puudusid¶Andres¶Diana                       = Andres Kuusk; Diana Sepp
Puudusid:¶Andres Kuusk¶Diana Sepp           = Andres Kuusk; Diana Sepp
Puudujad: Andres, Diana                     = Andres Kuusk; Diana Sepp
Puuduvad Andres ja Diana                    = Andres Kuusk; Diana Sepp
Andres ja Diana puudusid                    = Andres Kuusk; Diana Sepp
Puudus ainult Diana                         = Diana Sepp
Ainult Diana puudus                         = Diana Sepp
Puudus üks: Diana                           = Diana Sepp
Puudus 2: Diana, Carl                       = Diana Sepp; Carl Meri
Puudusid kaks: Diana ja Carl                = Diana Sepp; Carl Meri
Kõik peale Diana                            = Diana Sepp
Kõik peale Diana.                           = Diana Sepp
kõik peale diana                            = Diana Sepp
Kõik peale Diana olid kohal                 = Diana Sepp
Kõik olid kohal peale Diana                 = Diana Sepp
Kõik peale Diana ja Carli                   = Diana Sepp; Carl Meri
Kõik, peale Diana                           = Diana Sepp
Kõik v.a Diana                              = Diana Sepp
Kõik v.a. Diana                             = Diana Sepp
Kõik va Diana                               = Diana Sepp
Kõik, v.a. Diana ja Carl                    = Diana Sepp; Carl Meri
Kõik, välja arvatud Diana                   = Diana Sepp
Kõik olid kohal, v.a. Diana (haige).        = Diana Sepp
Kõik kohal, v.a Toomas                      = Toomas Põld
Keegi ei puudunud peale Diana               = Diana Sepp
Kõik olid kohal, ainult Diana puudus        = Diana Sepp
Diana puudus, teised olid kohal             = Diana Sepp
Diana puudus, teised kohal.                 = Diana Sepp
Teised olid kohal, Diana puudus             = Diana Sepp
Diana puudus, ülejäänud olid kohal          = Diana Sepp
Diana ei olnud kohal                        = Diana Sepp
Dianat ei olnud                             = Diana Sepp
Dianat ei olnud kohal                       = Diana Sepp
Dianat polnud                               = Diana Sepp
Ei olnud Dianat                             = Diana Sepp
Diana ei tulnud                             = Diana Sepp
Diana ei osalenud                           = Diana Sepp
Diana ei saanud tulla                       = Diana Sepp
Diana jäi tulemata                          = Diana Sepp
Diana (haige)                               = Diana Sepp
Diana - haige                               = Diana Sepp
Diana oli haige                             = Diana Sepp
Diana haiguse tõttu                         = Diana Sepp
Puudus Diana haiguse tõttu                  = Diana Sepp
Birgitit ei olnud                           = Birgit Laas
Birgitil oli haige laps                     = ?
Puudusid Birgit ja Andres Kuuske            = Birgit Laas; Andres Kuusk
Kuuske ei olnud                             = Andres Kuusk
Andrest ei olnud kohal                      = Andres Kuusk
Toomast polnud                              = Toomas Põld
Põldu ei olnud                              = Toomas Põld
Kõik peale Toomase                          = Toomas Põld
Kõik peale Andrese                          = Andres Kuusk
Kõik peale Kuuse Andrese                    = Andres Kuusk
Kõik peale Jaani                            = Jaan Mägi
Jaani ei olnud                              = Jaan Mägi
Mäge ei olnud                               = Jaan Mägi
magi                                        = Jaan Mägi
ulle saar                                   = Ülle Saar
Ülle                                        = Ülle Saar
Saart ei olnud                              = Ülle Saar
Mari Tamm                                   = Mari Tamm
Mari Tam                                    = Mari Tamm
Mari Kask ja Mari Tamm                      = Mari Tamm; Mari Kask
Mari T.                                     = Mari Tamm
Tamm                                        = Mari Tamm
Mari-Liis                                   = Mari-Liis Õun
Mari-Liis Õun                               = Mari-Liis Õun
Mari Liis Õun                               = Mari-Liis Õun
Krõõt-Maria                                 = Krõõt-Maria Ilves
Krõõt                                       = Krõõt-Maria Ilves
kroot ilves                                 = Krõõt-Maria Ilves
Everyone except Diana                       = Diana Sepp
Everyone but Diana                          = Diana Sepp
All but Diana                               = Diana Sepp
All except Diana and Carl                   = Diana Sepp; Carl Meri
Everybody was there except Diana            = Diana Sepp
Diana was absent                            = Diana Sepp
Diana was missing                           = Diana Sepp
Diana and Carl were absent                  = Diana Sepp; Carl Meri
Absent: Diana, Carl                         = Diana Sepp; Carl Meri
Missing: Diana                              = Diana Sepp
Diana did not attend                        = Diana Sepp
Diana didn't come                           = Diana Sepp
Diana was ill                               = Diana Sepp
Only Diana was missing                      = Diana Sepp
Tere!¶Puudus Diana.¶Tervitades¶Helle        = Diana Sepp
Tere!¶¶Diana Sepp¶¶Parimat¶Helle            = Diana Sepp
Diana puudus. Aitäh!                        = Diana Sepp
Kohal: Birgit, Andres, Carl, Mari Tamm, Mari Kask, Toomas, Jaan, Mari-Liis, Ülle, Krõõt. Puudus Diana. = Diana Sepp
Birgit, Andres, Carl, Mari Tamm, Mari Kask, Toomas, Jaan, Mari-Liis, Ülle ja Krõõt olid kohal, Diana puudus = Diana Sepp
"""

DOUBTFUL = """
Kas hilinejad lähevad ka kirja?
Kõik?
Diana?
Mari
Mari puudus
Mari ja Jaan
Kõik peale Mari
Kõik olid kohal¶Diana
Jaan Tamm
Diana Kuusk
Mari Laas
Helle Saar
Puudus Helle
Puudus keegi Tartust
Puudus üks
Puudus 1
Üks puudus
2 puudus
Puudus kaks: Diana
Puudusid kolm: Diana, Carl
Kõik 7 olid kohal
Diana hilines
Diana tuli hiljem
Diana lahkus varem
Diana läks varem ära
Kõik, aga Diana hilines
Kõik, kuigi Diana läks varem
Kõik peale hilinejate
Peaaegu kõik
Enamik
Enamus oli kohal
Pooled
Vist kõik
Kõik vist
Vist Diana
Diana vist puudus
Võib-olla puudus Diana
Diana või Carl
Diana või Carl puudus
Diana/Carl
Kõik puudusid
Keegi ei tulnud
Kedagi ei olnud
Mitte keegi
Keegi
Nobody came
Nobody
Kõik peale Diana puudusid
Puudusid kõik peale Diana
Kõik ei olnud kohal
Kõik ei tulnud
Not everyone
Not everyone was there
Not all
Diana ei puudunud
Diana was not absent
Diana was not missing
Ei puudunud Diana
Diana oli kohal
Kohal oli Diana
Kohal olid Birgit, Andres
Kohal: Birgit, Andres
Osalesid Birgit ja Andres
Present: Birgit, Andres
Birgit was there
Kohal:¶Birgit¶Andres
Diana oli kohal ja Diana puudus
Kohal Diana, puudus Diana
Ainult Diana oli kohal
Ainult Diana
Only Diana came
Only Diana was present
Ei tea
Ei mäleta
Ei pannud kirja
Nimekiri jäi koju
Saadan homme
Saadan nimekirja hiljem
Nimekiri on manuses
Vaata nimekirja
jah
ei
JAH
Ok
Aitäh
Tubli meeskond
Tore päev oli
Väga hea töötuba
Töötuba läks hästi
Tuba oli külm
Lõuna hilines
Diana tegi ettekande
Diana oli väga tubli
Diana asemel oli Piret
Diana asendas Carli
Diana asemel tuli Carl
Diana osales veebis
Diana veebis
Diana online
Diana pool päeva
Diana kuni lõunani
Diana hommikul
Diana, hommikul
Diana (hilines)
Diana (osaliselt)
Diana ja veel keegi
Diana jt
Diana ja teised
Diana + 1
Diana ja üks noormees
Kõik peale ühe
Kõik peale kahe
Kõik peale Diana ja veel ühe
All but one
All but two
Everyone except the late ones
Everyone, I think
Mostly everyone
Everyone was late
All good
All right
Kõik korras
Kõik hästi
Kõik läks hästi
Kõik sujus
Kõik on hästi, aitäh
Kõik said palju targemaks
Kõigile aitäh
Kõik said lõunat
Aitäh kõigile
Все
Kaikki
Täna kõik, eile mitte
Hommikul kõik
Pärast lõunat kõik
Kõik, kes tulid
Kõik kutsutud peale ühe meeskonna
3
0
-
👍
"""

NO_ROSTER = """
Birgit Laas                   = Birgit Laas
Andres Kuusk¶Diana Sepp       = Andres Kuusk; Diana Sepp
Andres Kuusk, Diana Sepp      = Andres Kuusk; Diana Sepp
Puudus Carl Meri              = Carl Meri
Kõik peale Diana              = Diana
Kõik peale Heinz-Olavi        = Heinz-Olavi
Puudusid Xenia ja Yolanda     = Xenia; Yolanda
mari                          = mari
kõik                          = -
Nobody was missing            = -
"""
NO_ROSTER_DOUBTFUL = """
Hästi
Vihmane
Täitsa
rahul
tore päev
Toimus
Eelmisel Nädalal
Vaata Manust
puudus aeg
puudus internet
Kohal: Mari Kask
Palju Õnne
"""


def read(text: str, names: tuple[str, ...] = ROSTER) -> Answer:
    return understand(
        "roll_call", ReplyContent(text=text.replace("¶", "\n")), Asked(today=date(2022, 4, 12), names=names)
    )


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.splitlines() if line.strip()]


def cases(table: str) -> list[tuple[str, tuple[str, ...]]]:
    pairs = [[part.strip() for part in line.rpartition(" = ")] for line in lines(table)]
    named = [(text, names) for text, _, names in pairs if names != "?"]
    return [(text, () if names == "-" else tuple(names.split("; "))) for text, names in named]


@pytest.mark.parametrize("names", [ROSTER, ()], ids=["roster", "no roster"])
@each("text", lines(EVERYBODY))
def test_everybody_there_is_nobody_absent(text: str, names: tuple[str, ...]) -> None:
    answer = read(text, names)
    assert (answer.kind, answer.names) == ("names", ())


@each("text, expected", cases(ABSENT))
def test_the_absent_are_found_in_the_roster(text: str, expected: tuple[str, ...]) -> None:
    answer = read(text)
    assert (answer.kind, answer.names) == ("names", expected)


@each("text", lines(DOUBTFUL))
def test_a_roll_call_in_doubt_is_unclear(text: str) -> None:
    assert read(text).kind == "unclear"


@each("text, expected", cases(NO_ROSTER))
def test_without_a_roster_names_stand_as_written(text: str, expected: tuple[str, ...]) -> None:
    answer = read(text, ())
    assert (answer.kind, answer.names) == ("names", expected)


@each("text", lines(NO_ROSTER_DOUBTFUL))
def test_without_a_roster_only_what_looks_like_a_name_is_one(text: str) -> None:
    assert read(text, ()).kind == "unclear"


def test_two_people_of_one_name_are_never_told_apart() -> None:
    assert read("Mari Kask", ("Mari Kask", "Mari Kask")).kind == "unclear"


def test_a_name_that_is_anothers_inflected_is_unclear() -> None:
    assert read("Marit ei olnud", ("Mari Tamm", "Marit Kask")).kind == "unclear"
    assert read("Marit Kask", ("Mari Tamm", "Marit Kask")).names == ("Marit Kask",)


def test_those_present_are_shown_to_the_coordinator_as_a_reading() -> None:
    answer = read("Kohal olid Mari ja Jaan", ("Mari Tamm", "Jaan Mägi", "Diana Sepp"))
    assert answer.kind == "unclear"
    assert answer.readings[0].names == ("Diana Sepp",)


def test_everybody_named_as_present_is_nobody_absent() -> None:
    assert read("Kohal: Mari, Jaan", ("Mari Tamm", "Jaan Mägi")).names == ()
