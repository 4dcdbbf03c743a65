"""Hours as mentors write them. "minutes@day" is one entry; nothing but "-" is no hours at all."""

from datetime import date

from tests.case_table import each
from workflow.replies.answers import Asked, ReplyContent
from workflow.replies.understand import understand

TODAY = date(2022, 8, 1)  # a Monday

PLAIN = """
2,5                                                     = 150
2,5 h                                                   = 150
2.5h                                                    = 150
2,5 tundi                                               = 150
2,5 tundi.                                              = 150
2,5h                                                    = 150
2 h 30 min                                              = 150
2h 30                                                   = 150
1 1/2 h                                                 = 90
12.07 kell 10-12.30                                     = 150@2022-07-12
12.07 kell 10.00–12.30, 19.07 kell 14–15                = 150@2022-07-12 60@2022-07-19
Kohtusime 12. juulil kell 10-12                         = 120@2022-07-12
12 July: 10:00-11:30                                    = 90@2022-07-12
12.07 from 10 to 12                                     = 120@2022-07-12
kuupäev | tunnid¶12.07 | 2¶19.07 | 1,5                  = 120@2022-07-12 90@2022-07-19
2h 30min                                                = 150
2h30                                                    = 150
2h30min                                                 = 150
2 tundi 30 minutit                                      = 150
2 tundi ja 30 minutit                                   = 150
2 tundi ja 15 min                                       = 135
2:30                                                    = 150
1:30                                                    = 90
1:30 h                                                  = 90
0:45                                                    = 45
45 min                                                  = 45
45 min.                                                 = 45
45 minutit                                              = 45
90 minutit                                              = 90
90 min                                                  = 90
120 minutes                                             = 120
3                                                       = 180
3 h                                                     = 180
3h                                                      = 180
3 t                                                     = 180
3 tundi                                                 = 180
3 TUNDI                                                 = 180
3 hours                                                 = 180
3 hrs                                                   = 180
1 hour                                                  = 60
1,25                                                    = 75
1,75 h                                                  = 105
0,5                                                     = 30
0.5 h                                                   = 30
2.75                                                    = 165
½ h                                                     = 30
1½ h                                                    = 90
16 h                                                    = 960
tund                                                    = 60
üks tund                                                = 60
1 tund                                                  = 60
tund aega                                               = 60
kaks tundi                                              = 120
Kolm tundi.                                             = 180
pool tundi                                              = 30
poolt tundi                                             = ?
poolteist tundi                                         = 90
Poolteist tundi                                         = 90
poolteist                                               = 90
veerand tundi                                           = 15
kolmveerand tundi                                       = 45
kaks ja pool tundi                                      = 150
2 ja pool tundi                                         = 150
kaks ja pool tundi kokku                                = 150
kolm tundi ja viisteist minutit                         = 195
kolmkümmend minutit                                     = 30
nelikümmend viis minutit                                = 45
tund ja veerand                                         = 75
half an hour                                            = 30
an hour                                                 = 60
one hour                                                = 60
an hour and a half                                      = 90
one and a half hours                                    = 90
two and a half hours                                    = 150
two hours                                               = 120
2 hours and 15 minutes                                  = 135
an hour and 15 minutes                                  = 75
a quarter of an hour                                    = 15
forty-five minutes                                      = 45
Tere! 2,5 tundi. Aitäh!                                 = 150
Tere!¶¶2,5¶¶Tervitades¶Mari                             = 150
- 2,5h                                                  = 150
2,5¶Toomas                                              = 150
Juulis 3 h                                              = 180
Juulis oli 3 tundi                                      = 180
Juulis kokku 3 tundi                                    = 180
Kokku 3 tundi                                           = 180
Kokku: 3 h                                              = 180
Eelmisel kuul 3 h                                       = 180
Sel kuul nõustasin 3 tundi                              = 180
Mentoreerisin 2 h                                       = 120
Nõustamine 2 h                                          = 120
Kohtumine kestis 2 tundi.                               = 120
Kohtumine 1,5 h                                         = 90
Minu tunnid juulis: 4,5 h                               = 270
I spent 3 hours                                         = 180
3 hours in July                                         = 180
July: 3 hours                                           = 180
Meeting 1.5 h                                           = 90
2,5 tundi, rääkisime hinnastamisest                     = 150
2 h (ärimudel)                                          = 120
1 h ärimudel¶45 min hinnad                              = 60 45
12.07 1,5 h; 19.07 45 min koosloome                     = 90@2022-07-12 45@2022-07-19
12.07 1,5h, 19.07 2h                                    = 90@2022-07-12 120@2022-07-19
12.07 - 2h                                              = 120@2022-07-12
12.07: 2 h                                              = 120@2022-07-12
12.07 2                                                 = 120@2022-07-12
12.07 1.5                                               = 90@2022-07-12
12.07. 2 h                                              = 120@2022-07-12
12.7 2 h                                                = ?
12.7. 2 h                                               = 120@2022-07-12
12.07.2022 2 h                                          = 120@2022-07-12
12.07.22 2 h                                            = 120@2022-07-12
12. 07. 2022 2 h                                        = 120@2022-07-12
12.07.2022 - 2h ärimudel¶21.07.2022 - 1h hinnastamine   = 120@2022-07-12 60@2022-07-21
2022-07-12 2 h                                          = 120@2022-07-12
2022-07-12: 1,5 h¶2022-07-19: 45 min                    = 90@2022-07-12 45@2022-07-19
12. juuli 2 h                                           = 120@2022-07-12
12. juulil 2 tundi                                      = 120@2022-07-12
12.juulil 2h                                            = 120@2022-07-12
12. juulil 1 h ja 26. juulil 2 tundi                    = 60@2022-07-12 120@2022-07-26
Juulis kaks kohtumist: 12. juulil 1 h ja 26. juulil 2 h = 60@2022-07-12 120@2022-07-26
12. juulil poolteist tundi                              = 90@2022-07-12
12 July 2 hours                                         = 120@2022-07-12
12th of July 2 hours                                    = 120@2022-07-12
July 12, 2 hours                                        = 120@2022-07-12
July 12th: 2h; July 19th: 1h                            = 120@2022-07-12 60@2022-07-19
on 12 July 2h and on 19 July 1.5h                       = 120@2022-07-12 90@2022-07-19
2 h 12.07                                               = 120@2022-07-12
2 h 12.07, 1 h 19.07                                    = 120@2022-07-12 60@2022-07-19
Kohtusime 12.07, 2 tundi                                = 120@2022-07-12
Kohtusin tiimiga 12.07 kaks tundi                       = 120@2022-07-12
teisipäeval, 12. juulil 2 h                             = 120@2022-07-12
- 12.07 2 h¶- 19.07 1 h                                 = 120@2022-07-12 60@2022-07-19
* 12.07 2 h¶* 19.07 1 h                                 = 120@2022-07-12 60@2022-07-19
3 h 12. juulil                                          = 180@2022-07-12
3h 12.07                                                = 180@2022-07-12
3 h 12.07.2022                                          = 180@2022-07-12
12.07. 45 min                                           = 45@2022-07-12
12.07. 22 min                                           = 22@2022-07-12
1h15                                                    = 75
1. 12.07 2 h¶2. 19.07 1 h                               = 120@2022-07-12 60@2022-07-19
12.07¶2 h                                               = 120@2022-07-12
12.07 1 h¶19.07 2 h¶Kokku 3 h                           = 60@2022-07-12 120@2022-07-19
12.07 1 h; 12.07 2 h                                    = 60@2022-07-12 120@2022-07-12
täna 1,5 h                                              = 90@2022-08-01
Täna 2 tundi                                            = 120@2022-08-01
eile 2 h                                                = 120@2022-07-31
Yesterday 2 hours                                       = 120@2022-07-31
1.08 2 h                                                = 120@2022-08-01
28.06 2 h                                               = 120@2022-06-28
0                                                       = -
0 h                                                     = -
0 tundi                                                 = -
0!                                                      = -
null                                                    = ?
null tundi                                              = -
kohtumisi ei olnud                                      = -
Kohtumisi ei olnud.                                     = -
Juulis kohtumisi ei toimunud                            = -
Sel kuul kohtumisi polnud                               = -
Ei kohtunud                                             = -
Me ei kohtunud juulis                                   = -
Juulis me ei kohtunud.                                  = -
Ei olnud kohtumisi                                      = -
Tunde ei olnud                                          = -
Ühtegi kohtumist ei olnud                               = -
Mitte ühtegi                                            = -
No meetings                                             = -
No meetings this month.                                 = -
We did not meet                                         = -
We didn't meet in July                                  = -
None                                                    = -
Zero hours                                              = -
"""

DOUBTFUL = """
umbes 3
umbes 3 tundi
ca 3 h
ca. 3h
~3 h
3+ h
üle 3 tunni
vähemalt 2 h
kuni 3 h
ligi 2 tundi
2-3 h
2 - 3 tundi
2–3 h
2 kuni 3 h
paar tundi
mõni tund
mitu tundi
a couple of hours
a few hours
about 2 hours
around 3h
roughly 2 hours
2 või 2,5
2 või 2,5, ei mäleta
2 or 3 hours
2/3
2 h?
2?
vist 2 h
võib-olla 2 h
maybe 2 hours
ehk 2
Ei mäleta
1.5
2.5
3.5
1.30
2.30 h
2,30
2,15 h
1.50
15
20
30
45
60
90
120
16
25 h
30 tundi
12.07 25 h
12.07 20 h; 12.07 5 h
-2
-2 h
12.07 -2 h
2 h 75 min
1:75
13:30
12.08 2 h
2.08 2 h
12.08.2022 2 h
12.07.2023 2 h
12.07.2019 2 h
31.06 2 h
32.07 2 h
12.13 2 h
30.02 1 h
2022-13-01 2 h
2022-02-30 2 h
1.12 2 h
12/07 2 h
07/12/2022 2 h
12.07
12.07 ja 19.07
12.07, 19.07 ja 26.07 á 1 h
12.07 ja 19.07 kokku 3 h
12.07-19.07 3 h
12.-14. juulil 3 h
12.07 kell 10 2 h
kell 10-12
2 x 1,5 h
2 × 1,5 h
2*1,5
3 korda 1 h
kolm kohtumist à 1 h
Kolm kohtumist: 12.07 1 h ja 19.07 1 h
3 kohtumist
Kaks
kaks
kolm
1 h ja 2 h
1 h, 2 h
2 h või rohkem
2 h + 30 min
2 h pluss sõit
12.07 1 h¶19.07 2 h¶Kokku 4 h
12.07 1 h¶2 h
homme 2 h
Homme on 2 h
järgmisel nädalal 2 h
Plaanin 2 h
Plaanis on 2 h
Soovin 2 h juurde
Vajame veel 2 h
Mul on veel 4 h alles
4 h jäänud
4 hours left
Alles on 4 tundi
iga nädal 2 h
2 h nädalas
2 h per week
2 tundi päevas
2 tundi kuus
igal teisipäeval 1 h
Jah, 2,5 h
Jah. Ja 26.07 1 h
JAH, aga 19.07 oli 1 h
Ei, 2 h
EI: 2 h
Ei, 19.07 jäi ära
Õige on 2 h
Tegelikult oli 2 h
Mitte 2, vaid 3
Mitte 2 h
2 h, viga, 3 h
Eelmine kord panin 2 h, õige on 3 h
Kas 2 h sobib?
Kas 12.07 läheb arvesse? 2 h
Sõit 2 h
Sõit võttis 3 tundi
Ettevalmistus 2 h
Mari 2 h, Jaan 3 h
16 tunnist 4 on kasutatud
4/16
50%
2 päeva
1 päev
pool päeva
2 nädalat
a day
0,5 päeva
12.07 2 h jäi ära
12.07 2 h tühistati
12.07 0 h; 19.07 1 h
12.07 0 h
esmaspäeval 2 h
Teisipäeval 2 tundi
2 h teisipäeval
tel 5555 0101
+372 5555 0101
2 h, tel 5555 0101
Arve nr 12, 2 h
2,5 EUR
2,5 km
2 h 5
2 h 12
2h3
1,333333 päeva
2,,5
2..5
2,5,5
2 2
2 5
II
kohtumisi ei olnud, aga helistasime 2 h
Kohtumisi ei olnud?
0 või 1
0, vist
12.07.2022, 19.07.2022 2 h
Vastan homme
Kokku 2 h, eelmine kuu 3 h
12.07 1,5; 2
٢ h
2 ч
часа 2
200 min 10 h
100000000000000000000000 h
9999 min
0x10 h
1e3 h
2² h
nii umbes paar tundi
üks või kaks tundi
kahe tunni ringis
tunnike
tunnikese
paari tunni jagu
pea 3 tundi
napp tund
hea tund
tund-poolteist
tund või poolteist
poolteist kuni kaks tundi
"""


def read(text: str, listed: bool = True, today: date = TODAY) -> tuple[str, list[str]]:
    answer = understand("hours", ReplyContent(text=text.replace("¶", "\n")), Asked(today=today, listed=listed))
    return answer.kind, [f"{one.minutes}@{one.day}" if one.day else str(one.minutes) for one in answer.entries]


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.splitlines() if line.strip()]


@each("line", [line for line in lines(PLAIN) if not line.endswith("?")])
def test_hours_plainly_said_are_booked(line: str) -> None:
    text, _, expected = (part.strip() for part in line.rpartition(" = "))
    assert read(text) == ("hours", [] if expected == "-" else expected.split())


@each("line", [line for line in lines(PLAIN) if line.endswith("?")])
def test_hours_oddly_said_are_asked_again(line: str) -> None:
    text, _, _ = (part.strip() for part in line.rpartition(" = "))
    assert read(text) in (("unclear", []), ("hours", ["30"]), ("hours", ["120@2022-07-12"]), ("hours", []))


@each("text", lines(DOUBTFUL))
def test_hours_in_doubt_book_nothing(text: str) -> None:
    assert read(text)[0] == "unclear"


def test_a_day_without_a_year_is_the_latest_that_was() -> None:
    assert read("28.12 2 h", today=date(2022, 1, 10)) == ("hours", ["120@2021-12-28"])
    assert read("29.02 1 h", today=date(2024, 3, 1)) == ("hours", ["60@2024-02-29"])
    assert read("29.02 1 h", today=date(2022, 3, 1))[0] == "unclear"


def test_a_number_that_may_be_a_day_lately_past_is_asked_again() -> None:
    assert read("2.5", today=date(2022, 8, 1))[0] == "unclear"
    assert read("2.5", today=date(2022, 2, 1)) == ("hours", ["150"])


def test_words_after_an_entry_are_its_note() -> None:
    answer = understand("hours", ReplyContent(text="12.07 1,5 h ärimudel; 19.07 45 min koosloome"), Asked(today=TODAY))
    assert [one.note for one in answer.entries] == ["ärimudel", "koosloome"]


def test_yes_and_no_answer_the_list() -> None:
    assert read("JAH, nimekiri on õige")[0] == "yes"
    assert read("EI")[0] == "no"
    assert read("EI", listed=False)[0] == "no"


OF_ANOTHER = """
2 h juunis
juunis 2 h
2 h mais
2 h in June
augustis 2 h
12.06 1 h
12.06 kell 10-12
2 h Soomaa Suitsuga
2 h Soomaa Suitsu meeskonnaga
2 h teise meeskonnaga
2h with the other team
2 h (plaanitud)
2 h planeeritud
2 h broneeritud
2 h booked
2 h, tühistati
2 h. Olin 18.07 puhkusel.
3 tundi. Arve saatsin 25.07.
"""
MONTH_ASKED = Asked(today=TODAY, month="2022-07", teams=("Soomaa Suits", "Jõeäär"))


@each("line", lines(OF_ANOTHER))
def test_hours_of_another_month_another_team_or_not_given_are_not_booked(line: str) -> None:
    assert understand("hours", ReplyContent(text=line), MONTH_ASKED).kind == "unclear"


@each("line", ["2 h juulis", "juulis 2 h", "12.07 2 h", "12. juulil 2 h", "2 h in July", "2 h ärimudel"])
def test_the_month_asked_may_be_said_again(line: str) -> None:
    assert understand("hours", ReplyContent(text=line), MONTH_ASKED).kind == "hours"
