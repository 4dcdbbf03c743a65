"""Letters that nobody typed: calendar buttons, answering machines, and servers that could not deliver."""

import re
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from rehearsal.cast import Invented
from rehearsal.mails import Got

PARTSTAT = {"yes": "ACCEPTED", "no": "DECLINED", "maybe": "TENTATIVE"}
_PRESSED = {"yes": "Accepted", "no": "Declined", "maybe": "Tentative"}


def _headed(mail: EmailMessage | MIMEMultipart, **headers: str) -> None:
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value


# -- calendar buttons -------------------------------------------------------------------------------


def button(got: Got, person: Invented, pressed: str, message_id: str, at: datetime, *, organizer: bool = True) -> bytes:
    """What a calendar sends when an answer button is pressed (iTIP REPLY in a mail, RFC 6047). Outlook leaves
    the organizer out."""
    name = _PRESSED[pressed]
    mail = MIMEMultipart("alternative")
    _headed(
        mail,
        From=formataddr((person.name, person.address)),
        To=got.reply_to,
        Subject=f"{name}: {got.subject}",
        Date=format_datetime(at),
        Message_ID=message_id,
        In_Reply_To=got.message_id,
    )
    mail.attach(MIMEText("", "plain", "utf-8"))
    part = MIMEBase("text", "calendar", method="REPLY", charset="utf-8")
    part.set_payload(_reply(got.calendar, person, PARTSTAT[pressed], at, organizer))
    part["Content-Transfer-Encoding"] = "8bit"
    mail.attach(part)
    return mail.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))


def _reply(invitation: str, person: Invented, partstat: str, at: datetime, organizer: bool) -> bytes:
    lines = re.sub(r"\r?\n[ \t]", "", invitation).splitlines()
    event = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    kept = [line for line in event if re.match(r"(UID|SEQUENCE|DTSTART|DTEND|SUMMARY)[:;]", line)]
    kept += [line for line in event if organizer and line.startswith("ORGANIZER")]
    return "\r\n".join((
        "BEGIN:VCALENDAR", "PRODID:-//Example//Calendar//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        f'ATTENDEE;PARTSTAT={partstat};CN="{person.name}":mailto:{person.address}', *kept,
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}", "END:VEVENT", "END:VCALENDAR", "",
    )).encode()  # fmt: skip


# -- answering machines -----------------------------------------------------------------------------

_AWAY = {
    "et": (
        "Automaatvastus: {subject}",
        "Tere!\n\nViibin puhkusel ega loe kirju. Kiireloomulistes küsimustes palun pöörduge vallamajja.\n\n"
        "Jah, loen teie kirja läbi kohe, kui tagasi olen.\n\nTervitades\n{name}",
    ),
    "en": (
        "Automatic reply: {subject}",
        "Hello,\n\nI am out of the office with limited access to email. If it is urgent, please call the town hall.\n\n"
        "Yes, I will read your message when I return.\n\nBest regards\n{name}",
    ),
}


def out_of_office(got: Got, person: Invented, message_id: str, at: datetime, *, honest: bool = True) -> bytes:
    """An answering machine's letter; half of the real ones do not say so in a header (`honest` is false)."""
    subject, words = (said.format(subject=got.subject, name=person.name) for said in _AWAY[person.lang])
    mail = EmailMessage()
    _headed(
        mail,
        From=f'"{person.name}" <{person.address}>',
        To=got.reply_to or got.sender,
        Subject=subject,
        Date=format_datetime(at),
        Message_ID=message_id,
        In_Reply_To=got.message_id,
    )
    if honest:
        _headed(mail, Auto_Submitted="auto-replied", X_Auto_Response_Suppress="All")
    mail.set_content(words + "\n")
    return mail.as_bytes(policy=policy.SMTP)


# -- servers ----------------------------------------------------------------------------------------


def undelivered(got: Got, message_id: str, at: datetime, *, hard: bool = True) -> bytes:
    """A report of non-delivery (RFC 3464), to the return address of the mail; a soft one says only "delayed"."""
    server, domain = "mx." + got.to.rpartition("@")[2], got.to.rpartition("@")[2]
    action, status = ("failed", "5.1.1") if hard else ("delayed", "4.4.1")
    said = "550 5.1.1 no such user here" if hard else "451 4.4.1 no answer from the host"
    subject = "Undelivered Mail Returned to Sender" if hard else "Delayed Mail (still being retried)"
    return "\r\n".join((
        f"From: Mail Delivery System <MAILER-DAEMON@{domain}>", f"To: {got.envelope_from}", f"Subject: {subject}",
        f"Date: {format_datetime(at)}", f"Message-ID: {message_id}", "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"', "",
        "--=_report", "Content-Type: text/plain; charset=us-ascii", "",
        f"This is the mail system at {server}.", "", f"<{got.to}>: {said}",
        "--=_report", "Content-Type: message/delivery-status", "",
        f"Reporting-MTA: dns; {server}", "",
        f"Final-Recipient: rfc822; {got.to}", f"Action: {action}", f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}", "",
        "--=_report", "Content-Type: text/rfc822-headers", "",
        f"From: {got.sender}", f"To: {got.to}", f"Message-ID: {got.message_id}", "",
        "--=_report--", "",
    )).encode()  # fmt: skip
