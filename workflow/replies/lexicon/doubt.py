"""Lexicon of doubt: what leaves an answer open, takes it back or is about something else. Estonian and English."""

import re

from workflow.replies.lexicon.notation import words

# What turns a refusal round: whoever does not decline has not said no.
REFUSALS = r"(loobu\w*|keeldu\w*|declin\w*|refus\w*|withdraw\w*|give up|utle (\w+ )?ara|puudu|puuduma|vale|wrong)"

# -- doubt ---------------------------------------------------------------------------------------------------

# Whoever says one of these has not answered yet, in whichever direction.
DOUBT = words("""
        äkki näis näib dreams permitting kui juhul juhuks aga kuid ent vaid siiski kuigi ehkki vist võib-olla
        võibolla vbl vb ehk ilmselt
        arvatavasti tõenäoliselt tundub paistab loodan loodame loodetavasti proovin proovime püüan püüame
        üritan üritame katsun katsume teatan teatame täpsustan täpsustame hiljem varsti peagi mõtlen mõtleme
        mõelda kaalun kaalume kaaluda kaalumisel arutan arutame arutada arutama arutamisel küsin küsime küsida
        uurin uurime uurida selgub selgitame selgitan otsustan otsustame otsustada otsustab oleneb sõltub
        sõltuvalt muidu kas kuidas miks millal mis mida kumb kumba või pigem üldiselt põhimõtteliselt
        osaliselt enam-vähem tingimus tingimusel tingimusega eeldusel eeldan eeldame arvan arvame usun usume
        kahtlen kahtleme kahtlane kahtlus oota oodake ootaks vasta vastan vastame ütles ütlesid väidab kuulsin
        edastan edastas suunan räägin räägime jajah jaja nojah nojaa ahah aru loobuda keelduda keeldu enne
        selgus-saabub kahevahel kindlust siiani tegelikult if but unless provided providing assuming depends
        depending maybe perhaps probably possibly might may could hopefully hope hoping try trying guess think
        suppose believe seems though although however except later soon check checking discuss discussing
        consider considering decide undecided unsure tentative tentatively whether what which who why how
        either or until once otherwise instead principle mostly partly partially subject told asked
        meanwhile forwarding forwarded ask wondering wonder conditional conditionally maybe's actually joo
        arvates sõnul ütleb kirjutab unista unistage emme kyllä kylla kiitos
        tullaan tulemme osallistumme sopii valitettavasti pääse paase terveisin
        tule-en ja-ja nein nej nicht danke leider tack inte da net nyet nē jā en
    """)
# The conditional mood: saaksime, tahaksin, oleks.
CONDITIONAL = (
    re.compile(r"\b(?!(laks|maks|jooks)[a-z]{2,3}\b)\w{2,}ks(in|id|ime|ite)\b"),
    re.compile(r"\b(saa|ole|taha|voi|pea|soovi|tule|joua|sobi|lahe|tee|anna)ks\b"),
    re.compile(r"\b(kinnita|osale|eelista|palu|kusi|proovi|meeldi)ks\b"),
)
DOUBT_PATTERNS = CONDITIONAL + tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(annan|anname|annab|andma|anda) (\w+ ){0,3}(teada|vastuse|teavet|marku)\b",
        r"\b(veel|alles) (mitte|ei)\b|\bmitte (veel|praegu|nuud)\b",
        r"\b(ei tea|ei oska|(ei ole|pole) (\w+ ){0,2}(kindel|kindlad|otsustatud|selge))\b",
        r"\bei ?(maleta|leia|avane|toota(?! enam))\b|\b(mitte|ei) (ainult|uksnes)\b",
        r"\bnot (yet|sure|certain|now|only|decided|understand|see)\b|\bnot \w+ (sure|certain|decided)\b",
        r"\bdo not (know|understand|remember)\b|\bno idea\b",
        r"\b(let|get) (you|me|us|back)\b|\bget back\b|\bcome back to\b|\bas (long|soon) as\b|\bin case\b",
        r"\b(he|she|they|who|has|have|i|we|it) sa(id|ys)\b|\bsa(id|ys) (that|so|he|she|it|yes|no|we|they)\b",
        r"\bhea kull\b",
        r"\b(will|shall|must|to) see\b(?! you)",
        r"\bmiks mitte\b|\bwhy not\b",
        r"\bmidagi (\w+ )?vastu\b|\bvastu (\w+ )?midagi\b|\bselle vastu\b|\bei ole vastu\b",
        r"\b(jah|jaa|yes|ei|no) ?/ ?(ei|no|jah|jaa|yes)\b",
        r"\bne(ed|eds|eded)? (more|some) time\b|\b(veidi|natuke|rohkem|lisa) ?aega\b",
        rf"\b(ei|not|pole|mitte|never|ega)\b.{{0,40}}\b{REFUSALS}\b",
        r"\b(ootame|ootan|waiting)\b(?! (ponevusega|huviga|roomuga|kannatamatult)\b)"
        r".{0,40}\b(vastust|otsust|kuni|veel|until)\b",
        r"\b(ei|not) (leia|leidnud|ava|avane|avanenud|saa|find|open)\b.{0,30}\b(vorm|link|kirja|manus|form)\w*",
        r"\b(ignore|disregard) (this|that|it|my|the|previous|please)\b|\b(just |only )?kidding\b|\bnal(i|ja)\b",
        r"\b(ara|arge) (\w+ ){0,2}arvesta(ge|da)?\b|\bteisele (\w+ )?moeldud\b|\bmeant for (some|another|a different)",
        r"\b(vale(le|sse)?|wrong) (kiri|kirja|kirjale|kusimus\w*|mail|message|thread|question)\b",
        r"[^\W\d_a-z\u00c0-\u024f]",  # a letter of another script
    )
)
DOUBTFUL_SIGNS = frozenset("👎❌🤔🤷🙃🙄😏😕🫤😬✖")

# A yes that goes on with one of these is not whole; a no may well give it as its reason.
HOLDS_A_YES = words("""
    plaanis sõit sõitu sõiduaeg päevas voor voorus vooru round veebis veebi zoomis zoomi teamsis online
    remotely ühe ühega inimesega inimest
    palun please nõrk nõrgad kehv kehvad halb halvad puudulik poolik pooleli keskpärane napp ebaselge segane
    weak poor bad vana vanad old katki homme ülehomme täna praegu seni esialgu ajutiselt veel alles ainult
    üksnes peale välja ainuke järgmine järgmisel järgmises järgmist järgmiseks eelmine eelmisel eelmise teine
    teisel teised teist esmaspäeval teisipäeval kolmapäeval neljapäeval reedel laupäeval pühapäeval nädal
    nädalal aastal kuul osa osad mõni mõned üks kaks kolm poole pool kolleeg kolleegi asemel asendab asendaja
    asendan muuda muudame muuta muutus muudatus vahetame vahetada vahetus lisame lisada paranda parandada
    parandage parandame täienda täiendada täpsustage hilinen hilineme hilineb hilinemisega varem tühistage
    tühistada tühista kustutage kustuta kustutada eemaldage eemalda eemaldada loobun loobume katkestame lükata
    edasilükkamine puudu puudub puuduvad puudus puudusid vale valed viga vead valesti probleem probleeme raske
    keeruline kätte saime lugesin lugesime loen loeme vaatan vaatame vaadata vaatab näen tean teame teate
    tuleb-arutada kirjutan kirjutame helistan helistame helistage helistada palume soovin soovime tahan tahame
    vajan vajame vaja vajab pean peame peab peaks peavad tuleb-lisada küsimus küsimusi küsimuse sest lisaks
    lisatingimus plaanin plaanime kuni pärast siis-kui ainuüksi hulgast väljaarvatud vähemalt umbes mõtted
    mõtte tähendab keegi tomorrow today now only just-one still next last previous other another some few part
    half colleague replace replaced change changed changing swap late earlier cancel cancelled remove delete
    decline refuse withdraw postpone postponed missing wrong error mistake problem issue received read look
    looking-into understand know write call need needs must should would can like want wish question
    questions after before when where while plan until because least about monday tuesday wednesday thursday
    friday saturday sunday week month got noted ignore stop
""")
# Beside a no these take it back, unless they are themselves denied.
AFFIRMS = words("""
    tulen tuleme osalen osaleme osaleb osalevad jõuan jõuame saan saame saadan saadame kinnitan kinnitame
    kinnitasin kinnitasime vastasin vastasime luban lubame sobib võtan võtame hilinen hilineme ootan ootame
    küsimus küsimusi attend attending coming join joining confirm confirmed accept approve question questions
    late send sending
""")
# Beside a no these say that the person could not answer at all.
MEANS = words("""
    link linki lingid linke lingile vorm vormi vormile manus manust avane avada avanenud avaneb leia leidnud
    kirja kirjast aru teksti links form attachment open opening understand find click page
""")
