"""What people write when they mean something: for each meaning the words, in Estonian and English.

`plainly` is what nobody could misread; `loosely` is how people write as a rule; `unclear` is no answer at all.
"""

from collections.abc import Mapping
from random import Random

from rehearsal.meaning import Meaning

Said = Mapping[str, Mapping[str, tuple[str, ...]]]

YES: Said = {
    "verify": {"et": ("Jah, meie saatsime.", "jah", "JAH!", "Jah, see on meie taotlus"), "en": ("Yes, that was us.",)},
    "consent": {"et": ("Jah", "Jah, kuulun meeskonda."), "en": ("Yes, I am.", "Yes")},
    "confirm_place": {
        "et": ("Jah, võtame koha vastu!", "Jah, tuleme hea meelega.", "Kinnitame koha.", "Jah, aitäh!"),
        "en": ("Yes, we accept the place.", "Yes, thank you!", "YES"),
    },
    "rsvp": {"et": ("Jah, tulen", "Tulen!", "jah", "Jah, olen kohal."), "en": ("Yes, I will be there.", "Yes")},
    "review": {
        "et": ("JAH, väga hea töö!", "Jah, sobib.", "Jah, töö on vastu võetud."),
        "en": ("Yes, accepted.", "Yes, great work!"),
    },
    "hours": {"et": ("JAH", "jah, õige", "Jah, loetelu on õige"), "en": ("Yes", "Yes, the list is right")},
    "hours_check": {"et": ("Jah, õige", "JAH", "jah, klapib"), "en": ("Yes, that's right.", "Yes")},
    "approve": {"et": ("JAH", "Jah", "Jah, kinnitan."), "en": ("YES",)},
}
NO: Said = {
    "verify": {"et": ("EI", "Ei, meie ei ole seda saatnud."), "en": ("NO", "No, we did not send it.")},
    "consent": {"et": ("EI", "Ei, ma ei kuulu sellesse meeskonda."), "en": ("NO", "No, I am not on this team.")},
    "confirm_place": {"et": ("EI", "Ei, kahjuks loobume kohast."), "en": ("NO", "No, sorry.")},
    "rsvp": {"et": ("EI", "Ei, kahjuks ei saa tulla.", "Ei saa sel korral tulla"), "en": ("No, I can't come.", "NO")},
    "hours_check": {
        "et": ("EI: kohtumine kestis ainult tunni", "EI: seda kohtumist ei toimunud"),
        "en": ("NO: the meeting took one hour only",),
    },
    "hours": {"et": ("EI", "Ei"), "en": ("NO", "No")},
    "approve": {"et": ("EI: räägin enne meeskonnaga",), "en": ("NO: I will talk to the team first",)},
}
UNCLEAR: Said = {
    "confirm_place": {
        "et": (
            "Jah, aga ainult siis, kui saame I rühma.",
            "Peame selle enne vallavalitsuses läbi arutama.",
            "Kas vastata võib ka järgmisel nädalal?",
            "Ilmselt võtame, kinnitan esmaspäeval.",
        ),
        "en": ("Yes, but only if we get group II.", "I need to ask the mayor first.", "Can we answer next week?"),
    },
    "rsvp": {
        "et": ("Võib-olla tulen.", "Kas parkida saab maja ees?", "Tulen, kui laps terve on."),
        "en": ("Maybe.", "Is there parking?", "I'll come if my child is well."),
    },
    "homework": {
        "et": ("Saadame töö homme!", "Kas fail peab olema PDF?", "Palume paar päeva pikendust."),
        "en": ("We will send it tomorrow.", "Does it have to be a PDF?"),
    },
    "presentation": {"et": ("Esitlus tuleb homme hommikul.",), "en": ("The slides will follow tomorrow.",)},
    "hours": {
        "et": ("Umbes kaks või kolm tundi, vaatan kalendrist järele.", "Kas sõiduaeg läheb ka arvesse?"),
        "en": ("Two or three hours, I think.", "Does travel count?"),
    },
    "roll_call": {
        "et": ("Saadan nimekirja homme.", "Keegi vist puudus, ei mäleta kes."),
        "en": ("Somebody was missing, I don't remember who.",),
    },
    "review": {
        "et": ("Üldiselt hea, aga vaatan homme veel üle.", "Kas see ongi kogu töö?"),
        "en": ("Looks good, but let me read it again tomorrow.",),
    },
    "approve": {"et": ("Mõtlen veel.", "Jah või ei?"), "en": ("Let me think.",)},
    "verify": {"et": ("Mis taotlus see on?", "Võib-olla"), "en": ("What application is this?",)},
    "consent": {"et": ("Kes mind sinna kirja pani?",), "en": ("Who put me down for this?",)},
    "hours_check": {"et": ("Vaatan järele.", "Enam-vähem"), "en": ("Roughly.", "Let me check.")},
    "reflection": {
        "et": ("Ma ei oska ennast hinnata.", "Kas see on kohustuslik?", "Päris hästi, aitäh küsimast!"),
        "en": ("I find this hard to say.", "Do I have to?", "Quite well, thank you!"),
    },
}
RETURNED = {
    "et": (
        "TAGASI: palun lisage külade nimed ja kontaktid",
        "Tagasi: eelarve on puudu, palun lisage",
        "TAGASI: kirjeldage täpsemalt, keda te kaasasite",
    ),
    "en": ("RETURN: please add the names of the villages", "Return: the budget is missing"),
}
WITHDRAW = {
    "et": ("Loobume kahjuks osalemisest programmis.", "LOOBUME"),
    "en": ("We have decided to withdraw from the programme.", "We withdraw."),
}
WORDS_FOR_ALL = {"status": {"et": "SEIS", "en": "STATUS"}, "help": {"et": "ABI", "en": "HELP"}}
BESIDE_FILE = {
    "et": ("Siin on meie töö.", "Manuses meie kodutöö.", "Tere! Saadan meie meeskonna töö.", ""),
    "en": ("Here is our work.", "Please find our homework attached.", ""),
}
GREETINGS = {
    "et": ("Tere!", "Tere, Kati-Katri!", "Tervist", "Hei!", ""),
    "en": ("Hello,", "Dear Kati-Katri,", "Hi!", ""),
}
CLOSINGS = {
    "et": ("Tervitades", "Lugupidamisega", "Parimate soovidega", ""),
    "en": ("Best regards", "Kind regards", ""),
}


def wrapped(rng: Random, said: str, lang: str, name: str) -> str:
    """The words with a greeting and a closing, as people put them round everything."""
    greeting, closing = rng.choice(GREETINGS[lang]), rng.choice(CLOSINGS[lang])
    signature = f"{closing}\n{name}" if closing else rng.choice(("", name.split()[0]))
    return "\n\n".join(part for part in (greeting, said, signature) if part) or name


def plainly(kind: str, meaning: Meaning, lang: str) -> str:
    """In the exact words that the service asked for."""
    match meaning.kind:
        case "yes":
            return "JAH" if lang == "et" else "YES"
        case "no":
            return NO[kind][lang][0]
        case "hours":
            return _entries(meaning, lang)
        case "names":
            return "\n".join(sorted(meaning.names)) or ("KÕIK" if lang == "et" else "ALL")
        case "ratings":
            return " ".join(str(rating) for _, rating in meaning.ratings)
    return meaning.text


def loosely(rng: Random, kind: str, meaning: Meaning, lang: str) -> str:
    """As people write."""
    match meaning.kind:
        case "yes":
            return rng.choice(YES[kind][lang])
        case "no":
            return rng.choice(NO[kind][lang])
        case "unclear":
            return rng.choice(UNCLEAR[kind][lang])
        case "return":
            return meaning.text
        case "withdraw":
            return rng.choice(WITHDRAW[lang])
        case "status" | "help":
            return WORDS_FOR_ALL[meaning.kind][lang]
        case "hours":
            return _hours(rng, meaning, lang)
        case "names":
            return _names(rng, meaning, lang)
        case "ratings":
            return _ratings(rng, meaning, lang)
        case "submission":
            return meaning.text or rng.choice(BESIDE_FILE[lang])
    raise ValueError(meaning.kind)


# -- hours and names --------------------------------------------------------------------------------


def _entries(meaning: Meaning, lang: str) -> str:
    """`12.07 1,5 h; 19.07 45 min`, the way the mail shows it."""
    if not meaning.minutes:
        return "0"
    said = []
    for minutes, day in meaning.entries:
        length = f"{minutes / 60:g} h" if minutes % 30 == 0 else f"{minutes} min"
        length = length.replace(".", ",") if lang == "et" else length
        said.append(f"{day:%d.%m} {length}" if day else length)
    return "; ".join(said)


def _hours(rng: Random, meaning: Meaning, lang: str) -> str:
    plain = _entries(meaning, lang)
    if len(meaning.entries) != 1 or meaning.entries[0][1] is not None:
        return plain
    minutes = meaning.minutes
    whole, rest = divmod(minutes, 60)
    long = f"{whole} h {rest} min" if rest and whole else plain
    worded = {90: "poolteist tundi", 120: "kaks tundi", 30: "pool tundi"}.get(minutes, plain) if lang == "et" else long
    colon = f"{whole}:{rest:02d}" if whole else plain
    bare = plain.removesuffix(" h")
    return rng.choice((plain, bare, long, worded, colon, f"{plain} koosloome" if lang == "et" else plain))


def _names(rng: Random, meaning: Meaning, lang: str) -> str:
    absent = sorted(meaning.names)
    if not absent:
        return rng.choice({"et": ("KÕIK", "Kõik olid kohal.", "kõik"), "en": ("ALL", "Everybody was there.")}[lang])
    together = ", ".join(absent)
    if lang == "et":
        return rng.choice(("\n".join(absent), f"Puudusid: {together}", f"Puudus {together}", f"Puudusid {together}."))
    return rng.choice(("\n".join(absent), f"Absent: {together}", f"Missing: {together}"))


IN_WORDS = {
    "et": ("üks", "kaks", "kolm", "neli", "viis"),
    "en": ("one", "two", "three", "four", "five"),
}


def _ratings(rng: Random, meaning: Meaning, lang: str) -> str:
    """In a reply, where a form was asked for: a row of figures, a list, in words, or one for all."""
    figures = [rating for _, rating in meaning.ratings]
    listed = "\n".join(f"{number}) {rating}" for number, rating in enumerate(figures, 1))
    worded = ", ".join(IN_WORDS[lang][rating - 1] for rating in figures)
    middle = sorted(figures)[len(figures) // 2]
    one_for_all = f"Paneksin kõigile {middle}" if lang == "et" else f"I would give a {middle} for all of them"
    return rng.choice((" ".join(map(str, figures)), ", ".join(map(str, figures)), listed, worded, one_for_all))


# -- work written into the mail ---------------------------------------------------------------------

WORK = {
    "et": (
        "Eesmärk: kaasata {place} rahvas valla arengukava koostamisse. Sihtrühm: {place} küla elanikud, noored ja "
        "eakad. Vajadused: elanikud soovivad paremat transporti ja ühist külamaja. Tegevused: kaardistasime "
        "seitse seltsi, nende partnerid ja ressursid. Tulemus: valla ja külade ühine mudel, mille mõõdik on "
        "osalenud elanike arv {n}. Riskid: vabatahtlikud väsivad ja eelarve on väike. Ajakava: pilot algab juunis ja "
        "kestab kolm kuud."
    ),
    "en": (
        "Goal: involve the people of {place} in local planning. Target: residents, young people and the "
        "elderly. Needs: residents want better transport and a village house. Activities: we mapped seven "
        "associations, their partners and resources. Result: a shared model of the region and its villages, "
        "{n} people took part. Risks: volunteers grow tired and the budget is small. Pilot: begins in June and takes "
        "three months."
    ),
}


def work(lang: str, place: str, n: int) -> str:
    """A work written into the mail itself."""
    return WORK[lang].format(place=place, n=n)
