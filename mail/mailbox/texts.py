"""Alert texts about the mailbox, in both languages: what happened, and what to do. Pure."""

from collections.abc import Callable
from typing import Final

from mail.mailbox.imap_client import MIB
from workflow.config.settings import MailboxSettings
from workflow.text.bilingual import Text

__all__ = ["FULL", "Tell", "Text"]

Tell = Callable[[str, Text], None]
"""put a sentence before the coordinator, once per key"""
FULL: Final = 0.8
"""from here on somebody is told how full the mailbox is"""


def away(box: MailboxSettings, reason: str) -> Text:
    return Text(
        et=f"Postkasti {box.user} ({box.host}) ei saa lugeda: {reason}. Vastused ootavad seal; teenus proovib ise "
        "edasi. Käsk „teekond doctor“ ütleb, mis on katki; kui viga on serveris, rääkige selle haldajaga.",
        en=f"The mailbox {box.user} ({box.host}) cannot be read: {reason}. Answers wait there; the service goes on "
        "trying. The command `teekond doctor` says what is broken; if it is the server, talk to whoever runs it.",
    )


def left(box: MailboxSettings, count: int) -> Text:
    return Text(
        et=f"Teekond hakkas lugema postkasti {box.user} kausta {box.folder}. Seal oli juba {count} kirja: need jäävad "
        "sinna, nagu ka kirjad, mis ei ole saadetud programmi aadressile. Võetakse ainult vastused programmi kirjadele "
        f"ja uued kirjad programmi aadressile; need leiate edaspidi kaustast „{box.done_folder}“.",
        en=f"Teekond has begun to read the folder {box.folder} of the mailbox {box.user}. {count} letters were there "
        "already: they stay, and so does all mail that is not sent to the programme's address. Only answers to the "
        f"programme's mails and new mail to its address are taken, and then lie in the folder “{box.done_folder}”.",
    )


def unknown(box: MailboxSettings, count: int) -> Text:
    return Text(
        et=f"Postkastis {box.user} on kirju ({count}) vastuseaadressidele, mida see teenus ei tunne. Võib-olla loeb "
        f"sama postkasti ka teine Teekond. Kirjad jäid kausta {box.folder}: vaadake need läbi, ja andke teisele "
        "teenusele oma postkast.",
        en=f"In the mailbox {box.user} there are letters ({count}) to reply addresses that this service does not know. "
        f"Another Teekond may read the same mailbox. They were left in the folder {box.folder}: look through them, and "
        "give the other service a mailbox of its own.",
    )


def shared(box: MailboxSettings, where: str) -> Text:
    return Text(
        et=f"Postkasti {box.user} ({box.host}) loeb ka teine Teekond: {where}. Vastused võivad minna valele teenusele. "
        "Andke ühele neist oma postkast või kaust ([mailbox] user, folder) või peatage see. Kui kolisite teenuse äsja "
        "siia ja vana enam ei tööta, ei ole vaja midagi teha.",
        en=f"Another Teekond reads the mailbox {box.user} ({box.host}) too: {where}. Answers may go to the wrong one. "
        "Give one of them a mailbox or a folder of its own ([mailbox] user, folder), or stop it. If you have just "
        "moved the service here and the old one no longer runs, nothing is to be done.",
    )


def full(box: MailboxSettings, used: float) -> Text:
    return Text(
        et=f"Postkast {box.user} ({box.host}) on {used:.0%} ulatuses täis. Kui see saab täis, tulevad inimeste kirjad "
        f"neile tagasi. Kaustas „{box.done_folder}“ olevad kirjad on teenusel olemas: kustutage sealt vanemad, või "
        "küsige postkastile ruumi juurde.",
        en=f"The mailbox {box.user} ({box.host}) is {used:.0%} full. Once it is full, people's mails go back to them. "
        f"What lies in the folder “{box.done_folder}” the service has: delete older letters there, or ask for more "
        "room.",
    )


def unerased(box: MailboxSettings, count: int) -> Text:
    return Text(
        et=f"Kustutatud kirjadest {count} ei ole enam postkasti {box.user} kaustas „{box.done_folder}“. Kui tõstsite "
        "need mujale, kustutage need seal ise.",
        en=f"Of the letters that were erased, {count} are not in the folder “{box.done_folder}” of the mailbox "
        f"{box.user} any more. If you moved them elsewhere, delete them there yourself.",
    )


def unkept(box: MailboxSettings) -> Text:
    return Text(
        et=f"Ühte kirja postkasti kaustast {box.folder} ei õnnestunud salvestada; see jäi sinna. Vaadake see ise läbi.",
        en=f"A letter in the mailbox's folder {box.folder} could not be kept; it was left there. Read it yourself.",
    )


def unmoved(box: MailboxSettings, reason: str) -> Text:
    return Text(
        et=f"Kirjad on salvestatud, aga postkasti kausta „{box.done_folder}“ ei saa neid tõsta: {reason}. "
        "Kontrollige, kas postkastis on ruumi ja kas see kaust on olemas.",
        en=f"Letters were kept, but cannot be moved to the mailbox's folder “{box.done_folder}”: {reason}. Check that "
        "the mailbox has room and that the folder is there.",
    )


def large(size: int, limit: int, room: str) -> Text:
    return Text(
        et=f"Kiri on liiga suur ({size // MIB} MiB, kuni {limit // MIB} MiB); see on postkasti kaustas „{room}“. "
        "Lugege see seal ise läbi.",
        en=f"A letter is too large ({size // MIB} MiB, up to {limit // MIB} MiB); it is in the folder “{room}”. "
        "Read it there yourself.",
    )
