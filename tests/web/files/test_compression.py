"""The style and the script are small on the way, and the same when they arrive."""

import gzip

import pytest

from tests.web.conftest import Pages

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("name", ["teekond.css", "office.css", "teekond.js"])
def test_a_file_is_compressed_for_whoever_takes_that(pages: Pages, name: str) -> None:
    client = pages.app.test_client()
    plain, packed = client.get(f"/static/{name}"), client.get(f"/static/{name}", headers=GZIP)
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]


def test_what_a_browser_has_it_need_not_fetch_again(pages: Pages) -> None:
    client = pages.app.test_client()
    tag = client.get("/static/teekond.css", headers=GZIP).headers["ETag"]
    answer = client.get("/static/teekond.css", headers={**GZIP, "If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_pages_are_not_compressed(pages: Pages) -> None:
    assert "Content-Encoding" not in pages.app.test_client().get("/apply", headers=GZIP).headers
