"""Files that are there: who gets them, as what, and in which image blocks."""

import pytest

from tests.build import ADA, BEA, VAL
from tests.local_slack.support import Json, Local, local, modal, refusal, section
from tests.local_slack.uploading import PIXELS, PNG, bare, get, shared, uploaded


async def test_a_file_is_for_those_who_see_a_channel_that_it_is_in(here: Local) -> None:
    url = (await shared(here, await here.room(ADA), "a.txt", b"abc"))["url_private"]
    statuses = {user: (await get(here, url, user)).status_code for user in (ADA, VAL, "U0NONE")}
    assert statuses == {ADA: 200, VAL: 404, "U0NONE": 403}
    assert (await get(here, url)).status_code == 403
    await here.people.change_person(ADA, deactivated=True)
    assert (await get(here, url, ADA)).status_code == 403


async def test_a_file_in_no_channel_is_the_bots_own(here: Local) -> None:
    files = bare(await uploaded(here))
    answer = await here.client.files_completeUploadExternal(files=files)
    url = answer["files"][0]["url_private"]
    token = {"Authorization": f"Bearer {here.slack.config.bot_token}"}
    assert (await get(here, url, BEA)).status_code == 404
    assert (await get(here, url, headers=token)).content == b"abc"
    other = {"Authorization": "Bearer xoxb-other"}
    assert (await get(here, url, headers=other)).status_code == 403
    assert (await get(here, url.replace("a.txt", "b.txt"), headers=token)).status_code == 404
    gone = f"{here.slack.url}/files/F0NONE/a.txt"
    assert (await get(here, gone, headers=token)).status_code == 404


async def test_the_bot_reads_files_with_a_scope_of_its_own() -> None:
    async with local(scopes=["files:write", "chat:write"]) as here:
        url = (await shared(here, ADA, "a.txt", b"abc"))["url_private"]
        token = {"Authorization": f"Bearer {here.slack.config.bot_token}"}
        assert (await get(here, url, headers=token)).status_code == 403
        assert (await get(here, url, ADA)).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "mimetype", "filetype"),
    [
        ("a.png", PNG, "image/png", "png"),
        ("a", PIXELS["jpg"], "image/jpeg", "jpg"),
        ("a.gif", PIXELS["gif"], "image/gif", "gif"),
        ("a.webp", PIXELS["webp"], "image/webp", "webp"),
        ("a.png", b"<script>", "text/plain", "png"),
        ("a.svg", b"<svg/>", "image/svg+xml", "svg"),
        ("a.html", b"<p>", "text/html", "html"),
        ("a.json", b"{}", "application/json", "json"),
        ("a.txt", b"abc", "text/plain", "text"),
        ("a", b"abc", "text/plain", "text"),
        ("a", b"\0\xff", "application/octet-stream", "binary"),
        ("päßt / nicht.yml", b"a: b", "text/plain", "yaml"),
    ],
)
async def test_only_true_images_are_shown_in_place(
    here: Local, name: str, content: bytes, mimetype: str, filetype: str
) -> None:
    file = await shared(here, ADA, name, content)
    shown = await get(here, file["url_private"], ADA)
    saved = await get(here, file["url_private_download"], ADA)
    assert (file["mimetype"], file["filetype"], shown.content) == (mimetype, filetype, content)
    inline = content in PIXELS.values()
    assert shown.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Type"] == mimetype


def image(**named: str) -> Json:
    return {"type": "image", "alt_text": "x", "slack_file": named}


async def test_an_image_block_shows_an_image_that_is_there(here: Local) -> None:
    files = bare(await uploaded(here, "a.png", PNG))
    answer = await here.client.files_completeUploadExternal(files=files)
    file = answer["files"][0]
    channel = await here.room(ADA)
    for named in ({"id": file["id"]}, {"url": file["url_private"]}):
        await here.client.chat_postMessage(channel=channel, text="x", blocks=[image(**named)])
    assert (await get(here, file["url_private"], ADA)).status_code == 200
    assert (await get(here, file["url_private"], VAL)).status_code == 404


@pytest.mark.parametrize("where", ["image", "context", "section"])
async def test_an_image_block_with_an_unknown_file_is_refused_with_its_place(
    here: Local, where: str
) -> None:
    unknown = image(id="F0NONE")
    block, place = {
        "image": (unknown, "/blocks/0/slack_file"),
        "context": (
            {"type": "context", "elements": [unknown]},
            "/blocks/0/elements/0/slack_file",
        ),
        "section": (section(accessory=unknown), "/blocks/0/accessory/slack_file"),
    }[where]
    refused = await refusal(here.client.chat_postMessage(channel=ADA, text="x", blocks=[block]))
    assert refused["error"] == "invalid_blocks"
    assert refused["errors"] == [f"invalid slack file [json-pointer:{place}]"]
    messages = refused["response_metadata"]["messages"]
    assert messages == [f"[ERROR] invalid slack file [json-pointer:{place}]"]


async def test_what_is_no_image_is_not_shown_as_one(here: Local) -> None:
    file = await shared(here, ADA, "a.txt", b"abc")
    blocks = [image(id=file["id"])]
    refused = await refusal(here.client.chat_postMessage(channel=ADA, text="x", blocks=blocks))
    assert refused["error"] == "invalid_blocks"
    view = modal(image(id="F0NONE"))
    refused = await refusal(here.client.views_open(trigger_id="1.2.x", view=view))
    assert refused["error"] == "invalid_arguments"
