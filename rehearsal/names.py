"""Invented people and places. Every address is a reserved one; whoever shares a name with these is not meant."""

from random import Random


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


FIRST = _words(
    "Aavo Agnes Aino Aivar Anne Arvo Eda Eha Elmar Ene Ester Eve Hannes Heiki Heli Hille Ilme Imbi Ingrid Jaak Jaan "
    "Kadri Kaja Kalle Kalju Karin Katrin Kersti Koit Külli Laine Leho Leida Liina Linda Maie Mare Marju Mati Meelis "
    "Merike Mihkel Olev Peeter Piret Raivo Reet Riina Rein Sirje Silvi Sulev Taavi Taimi Terje Tiit Tiiu Tõnu Urmas "
    "Ülle Vaike Veiko Viive Ärni"
)
LAST = _words(
    "Aas Allik Aru Haab Hallik Haug Hein Hunt Ilves Jalakas Jõgi Jänes Kadakas Kaev Kallas Kalda Kangur Karu Kask "
    "Kivi Koppel Kotkas Kukk Kull Kurg Kuusk Kõiv Kägu Käär Laas Laht Laine Lamp Leht Lepik Liiv Lill Lind Luht Luik "
    "Lõhmus Lõoke Maasik Mets Mänd Mägi Männik Möll Nurk Nurm Nõmm Oja Oks Org Orav Paas Paju Palm Peet Pihlak Pikk "
    "Puusepp Põder Põld Pärn Pääsuke Raba Rand Raud Rebane Roos Rüütel Saar Salu Sarapuu Sepp Sild Soo Soosaar Sulg "
    "Tamm Teder Toom Toome Tuisk Tõnisson Uibo Ungur Vaher Varblane Vares Veski Vesik Viik Viires Võsa Vähi Õun Õispuu "
    "Ööbik"
)
STEMS = _words(
    "Kuuse Tamme Kase Paju Lepa Saare Jõe Mäe Soo Metsa Nurme Välja Ranna Lahe Oru Kivi Liiva Allika Järve Luha Raba "
    "Pihla Vahtra Kadaka Sarapuu Haava Põllu Niidu Aru Salu Kotka Hundi Karu Põdra Ilvese Kure Luige Päikese Kuu Tuule"
)
ENDS = _words(
    "vere küla pere nõmme jala maa aia otsa taga kalda mõisa veski laane oja sauna lepa lossi linna suu poolse "
    "ääre kivi soo aru nurga saare lahe välja palu kopli"
)


def people(rng: Random, count: int) -> list[str]:
    """So many different full names, in the order of the draw."""
    return [
        f"{FIRST[i % len(FIRST)]} {LAST[i // len(FIRST)]}" for i in rng.sample(range(len(FIRST) * len(LAST)), count)
    ]


def places(rng: Random, count: int) -> list[str]:
    """So many different names of places."""
    drawn = rng.sample(range(len(STEMS) * len(ENDS)), count)
    return [STEMS[i % len(STEMS)] + ENDS[i // len(STEMS)] for i in drawn]


def plain(name: str) -> str:
    """A name as it stands in an address."""
    return name.lower().translate(str.maketrans("õäöüšž ", "oaousz."))
