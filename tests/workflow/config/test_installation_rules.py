"""What an installation's tables need of each other: each fault with its place and a sentence, and the recipes whole."""

import re
import tomllib
from typing import Any

import pytest

from tests.case_table import each
from tests.paths import ROOT
from workflow.config.faults import Severity
from workflow.config.loader import check, load_programme

BASE = (ROOT / "config.toml").read_text(encoding="utf-8")
MICROSOFT = {"provider": "microsoft", "grant": "client_credentials", "tenant": "example.org", "client_id": "app-1"}
SECRETS = {"TEEKOND_OAUTH__CLIENT_SECRET": "hunter2-1", "TEEKOND_OAUTH__REFRESH_TOKEN": "hunter2-2"}
RELAY = 'relay_auth = "oauth"\nrelay_user = "t@example.org"'


def config(oauth: dict[str, str] | None, *, mail: str = RELAY, box: str | None = None) -> str:
    assert BASE.count('relay_tls = "none"') == 1
    text = BASE.replace('relay_tls = "none"', f'relay_tls = "starttls"\n{mail}')
    if box is not None:
        text += f'\n[mailbox]\nhost = "imap.example.org"\nuser = "t@example.org"\n{box}\n'
    return text + ("\n[oauth]\n" + "".join(f'{k} = "{v}"\n' for k, v in oauth.items()) if oauth is not None else "")


def without(key: str, **more: str) -> dict[str, str]:
    return {k: v for k, v in {**MICROSOFT, **more}.items() if k != key}


FAULTS: list[tuple[str, dict[str, Any], dict[str, str], str, str]] = [
    ("no table", {"oauth": None}, {}, "mail.relay_auth", "[oauth]"),
    ("no table, mailbox", {"oauth": None, "mail": "", "box": 'auth = "oauth"'}, {}, "mailbox.auth", "[oauth]"),
    ("no user", {"oauth": MICROSOFT, "mail": 'relay_auth = "oauth"'}, SECRETS, "mail.relay_user", "relay_user"),
    ("plain", {"oauth": MICROSOFT, "box": 'auth = "oauth"\ntls = "none"'}, SECRETS, "mailbox.tls", "starttls"),
    ("no tenant", {"oauth": without("tenant")}, SECRETS, "oauth.tenant", "Add tenant"),
    ("no client", {"oauth": without("client_id")}, SECRETS, "oauth.client_id", "Add client_id"),
    ("no secret", {"oauth": MICROSOFT}, {}, "oauth.client_secret", "TEEKOND_OAUTH__CLIENT_SECRET"),
    ("no refresh", {"oauth": {**MICROSOFT, "grant": "refresh_token"}}, {}, "oauth.refresh_token", "REFRESH_TOKEN"),
    ("no key", {"oauth": {"provider": "google", "grant": "service_account"}}, {}, "oauth.key_file", "Add key_file"),
    ("no address", {"oauth": {**MICROSOFT, "provider": "other"}}, SECRETS, "oauth.token_url", "Add token_url"),
    ("not Google's", {"oauth": {**MICROSOFT, "provider": "google"}}, SECRETS, "oauth.grant", "service_account"),
    ("not Microsoft's", {"oauth": {**MICROSOFT, "grant": "service_account"}}, SECRETS, "oauth.grant", "client_cred"),
    ("http", {"oauth": {**MICROSOFT, "token_url": "http://login.example.org/t"}}, SECRETS, "oauth.token_url", "https"),
    ("user in url", {"oauth": {**MICROSOFT, "token_url": "https://a@b.example.org"}}, SECRETS, "oauth.token_url",
     "https"),
    ("tenant a url", {"oauth": {**MICROSOFT, "tenant": "a/b"}}, SECRETS, "oauth.tenant", "directory"),
    ("secret in the file", {"oauth": {**MICROSOFT, "client_secret": "hunter2"}}, SECRETS, "oauth.client_secret",
     "environment"),
    ("grant", {"oauth": {**MICROSOFT, "grant": "password"}}, SECRETS, "oauth.grant", "'client_credentials'"),
]  # fmt: skip


@pytest.mark.parametrize(("how", "environ", "place", "words"), [row[1:] for row in FAULTS],
                         ids=[row[0] for row in FAULTS])  # fmt: skip
def test_a_fault_between_tables_is_told_with_its_place(
    how: dict[str, Any], environ: dict[str, str], place: str, words: str
) -> None:
    found = check(config(**how), environ)
    told = [one for one in found if (one.place == place or one.place.startswith("TEEKOND_")) and words in one.says.en]
    assert told, [one.line_text("en") for one in found]
    assert all(one.severity is Severity.FAULT and one.says.et != one.says.en for one in told)
    assert "hunter2" not in "".join(one.line_text(lang) for one in found for lang in ("et", "en"))


DIRECTORY = '\n[oidc]\nissuer = "{}"\nclient_id = "x"\n{}\n'
DIRECTORIES = [
    ("https://login.microsoftonline.com/common/v2.0", "", "oidc.issuer", "your own directory"),
    ("https://login.microsoftonline.com/organizations/v2.0", "", "oidc.issuer", "your own directory"),
    ("https://accounts.google.com/", "", "oidc.issuer", "without a slash"),
    ("https://id.example.org", 'address_claim = "preferred_username"', "oidc.trusted_domains", "vouches"),
    ("https://id.example.org", 'trusted_domains = ["@example.org"]', "oidc.trusted_domains[0]", "lower case"),
    ("https://id.example.org", 'address_claim = "upn"', "oidc.address_claim", "'preferred_username'"),
]


@each("issuer, more, place, words", DIRECTORIES)
def test_a_directory_that_cannot_be_believed_is_told(issuer: str, more: str, place: str, words: str) -> None:
    found = {one.place: one.says for one in check(BASE + DIRECTORY.format(issuer, more), {})}
    assert words in found[place].en and found[place].et != found[place].en


GOOD = [
    MICROSOFT,
    {**MICROSOFT, "grant": "refresh_token"},
    {"provider": "google", "grant": "service_account", "key_file": "/etc/teekond/google.json"},
    {"provider": "google", "grant": "refresh_token", "client_id": "app"},
    {"provider": "other", "grant": "client_credentials", "client_id": "app", "token_url": "https://login.example.org/t"},
    {**MICROSOFT, "token_url": "http://127.0.0.1:8000/token"},
]


@each("oauth", GOOD)
def test_each_way_that_a_provider_knows_is_taken(oauth: dict[str, str]) -> None:
    found = check(config(oauth, box='auth = "oauth"'), SECRETS)
    assert not [one.line_text("en") for one in found if one.place.startswith(("oauth", "mail", "TEEKOND_"))]


def test_a_table_that_nothing_uses_is_a_warning() -> None:
    (found,) = [one for one in check(config(MICROSOFT, mail=""), SECRETS) if one.place == "oauth"]
    assert found.severity is Severity.WARNING and "relay_auth" in found.says.en


def test_a_season_begun_before_is_read_without_the_tables_of_today() -> None:
    """Secrets of tables that the season's own file has not: they are about the file of today."""
    environ = {**SECRETS, "TEEKOND_MAILBOX__PASSWORD": "x", "TEEKOND_OIDC__CLIENT_SECRET": "y", "TEEKOND_CAPACITY": "9"}
    assert check(BASE, environ), "as a whole it cannot be read"
    assert load_programme(BASE, environ).capacity == 9


PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("mailboxes.md", "signing-in.md")]
RECIPES = [recipe for page in PAGES for recipe in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)]


@each("recipe", RECIPES)
def test_a_recipe_of_the_page_is_whole(recipe: str) -> None:
    """Laid over the default config, with whatever secrets it may want."""
    ours, theirs = tomllib.loads(BASE), tomllib.loads(recipe)
    for table, keys in theirs.items():
        assert table in ("mail", "mailbox", "oauth", "receive", "oidc"), table
        ours[table] = {**ours.get(table, {}), **keys}
    tables = [name for name in ("mail", "mailbox", "oauth", "receive", "oidc") if name in ours]
    text = _without_tables("[mail]", "[receive]") + "".join(f"\n[{name}]\n{_keys(ours[name])}" for name in tables)
    found = [one for one in check(text, SECRETS if "oauth" in theirs else {}) if one.severity is Severity.FAULT]
    assert not found, [one.line_text("en") for one in found]


def _without_tables(*headers: str) -> str:
    kept, within = [], ""
    for line in BASE.splitlines():
        within = line.strip() if line.startswith("[") else within
        kept += [line] if within not in headers else []
    return "\n".join(kept)


def _keys(table: dict[str, Any]) -> str:
    said = {key: str(value).lower() if isinstance(value, bool) else repr(value) for key, value in table.items()}
    return "".join(f"{key} = {value}\n" for key, value in said.items())


def test_the_page_has_a_recipe_for_each_provider() -> None:
    assert len(RECIPES) >= 8
