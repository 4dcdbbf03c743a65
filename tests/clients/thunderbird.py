"""Thunderbird on a screen that nobody sees: its own windows, editors and sending, each command given by script."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.clients.mail_servers import MailServers
from tests.clients.marionette import Marionette
from tests.clients.replies import Mode, Reply
from tests.ports import answers, free_port
from tests.real.programs import folder, need, process, until

PREFERENCES: Final = {
    "marionette.port": 0,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "mailnews.sendInBackground": False,
    "mail.compose.attachment_reminder": False,
    "mail.warn_on_send_accel_key": False,
    "mail.compose.warn_public_recipients.aggressive": False,
    "mail.collect_email_address_outgoing": False,
    "intl.locale.requested": "en-US",
}
ACCOUNT: Final = """
const [owner, imap, relay, password] = arguments;
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
let server = MailServices.accounts.findServer(owner, "127.0.0.1", "imap");
if (!server) {
  server = MailServices.accounts.createIncomingServer(owner, "127.0.0.1", "imap");
  server.port = imap; server.socketType = 0; server.authMethod = 3; server.password = password;
  const smtp = MailServices.outgoingServer.createServer("smtp");
  smtp.QueryInterface(Ci.nsISmtpServer);
  smtp.hostname = "127.0.0.1"; smtp.port = relay; smtp.socketType = 0; smtp.authMethod = 1;
  const identity = MailServices.accounts.createIdentity();
  identity.email = owner; identity.smtpServerKey = smtp.key; identity.doFcc = false;
  const account = MailServices.accounts.createAccount();
  account.addIdentity(identity); account.incomingServer = server;
}
"""
REPLY: Final = """
const [owner, uid, html, above, text, file] = arguments;
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const {setTimeout} = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const soon = ms => new Promise(done => setTimeout(done, ms));
const until = async (found, what) => {
  for (let turn = 0; turn < 600; turn++) { const value = found(); if (value) return value; await soon(100); }
  throw new Error("in vain: " + what);
};
const server = MailServices.accounts.findServer(owner, "127.0.0.1", "imap");
const identity = MailServices.accounts.getIdentitiesForServer(server)[0];
identity.composeHtml = html; identity.replyOnTop = above ? 1 : 0;
const inbox = await until(() => {
  const found = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  if (!found) { server.performExpand(null); server.getNewMessages(server.rootFolder, null, null); }
  return found;
}, "the inbox");
const mail = await until(() => {
  inbox.updateFolder(null);
  return [...inbox.messages].find(one => one.messageKey == uid);
}, "the mail");
const window = Services.wm.getMostRecentWindow("mail:3pane");
const known = new Set(Services.wm.getEnumerator("msgcompose"));
MailServices.compose.OpenComposeWindow(null, mail, inbox.getUriForMsg(mail), Ci.nsIMsgCompType.ReplyToSender,
  Ci.nsIMsgCompFormat.Default, identity, "", null);
const compose = await until(() => [...Services.wm.getEnumerator("msgcompose")].find(w => !known.has(w)), "the window");
await until(() => compose.gMsgCompose?.editor, "the editor");
await until(() => compose.GetCurrentEditor()?.document.body?.textContent.trim(), "the quote");
await soon(500);
compose.GetCurrentEditor().insertText(text);
if (file) {
  const attached = Cc["@mozilla.org/messengercompose/attachment;1"].createInstance(Ci.nsIMsgAttachment);
  attached.url = "file://" + file; attached.name = file.split("/").pop();
  await compose.AddAttachments([attached]);
}
await soon(200);
compose.goDoCommand("cmd_sendNow");
"""


@dataclass
class Thunderbird:
    """One profile; each person is an account of it."""

    mail: MailServers
    driver: Marionette
    version: str
    name: str = "Thunderbird"

    def reply(self, mode: Mode, reply: Reply) -> None:
        """Answers where Thunderbird puts the cursor, above or below the quote, and sends."""
        self.driver.run(ACCOUNT, reply.owner, self.mail.imap, self.mail.relay, self.mail.password)
        self.driver.run(REPLY, reply.owner, int(reply.uid), mode.html, mode.above, reply.text, str(reply.file or ""))


@contextmanager
def thunderbird(mail: MailServers) -> Iterator[Thunderbird]:
    """Runs until the block ends; left out where Debian's package is not installed."""
    program, screen = need("thunderbird", "thunderbird"), need("Xvfb", "xvfb")
    with folder("tb") as home, ExitStack() as stack:
        port = free_port()
        _profile(home / "profile", port)
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "DISPLAY": f":{port}", "LC_ALL": "C.UTF-8"}
        stack.enter_context(process([screen, f":{port}", "-screen", "0", "1280x900x24"], home / "screen.log"))
        until(lambda: Path(f"/tmp/.X11-unix/X{port}").exists(), "the screen is there")
        command = [program, "--profile", str(home / "profile"), "--no-remote", "--marionette"]
        stack.enter_context(process([*command, "--remote-allow-system-access"], home / "log", env=env))
        until(lambda: answers(port), "Thunderbird lets itself be driven")
        driver = Marionette(port)
        stack.callback(driver.close)
        yield Thunderbird(mail, driver, driver.run("return Services.appinfo.version"))


def _profile(place: Path, port: int) -> None:
    place.mkdir()
    said = {**PREFERENCES, "marionette.port": port}
    written = {str: '"{}"', bool: "{}", int: "{}"}
    lines = [
        f'user_pref("{name}", {str(value).lower() if isinstance(value, bool) else written[type(value)].format(value)});'
        for name, value in said.items()
    ]
    (place / "user.js").write_text("\n".join(lines))
