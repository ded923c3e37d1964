"""Files on their way: announced, uploaded once, completed into a message."""

import pytest

from tests.build import ADA, BOT
from tests.local_slack.support import Json, Local, local, refusal, section
from tests.local_slack.uploading import PNG, announced, bare, get, send, uploaded


async def test_the_sdk_uploads_a_file_into_a_channel(here: Local) -> None:
    channel = await here.room(ADA)
    answer = await here.client.files_upload_v2(
        channel=channel, filename="plan.png", content=PNG, title="Plan", initial_comment="Look"
    )
    seen = (await here.people.messages(ADA, channel))[-1]
    (file,) = seen.files
    assert answer["file"]["id"] == file["id"]
    assert (seen.text, seen.subtype, seen.from_bot) == ("Look", None, True)
    kept = {key: file[key] for key in ("name", "title", "mimetype", "filetype", "size")}
    assert kept == {
        "name": "plan.png",
        "title": "Plan",
        "mimetype": "image/png",
        "filetype": "png",
        "size": len(PNG),
    }
    assert file["permalink"].endswith(f"/{file['id']}/plan.png")
    assert (await get(here, file["url_private"], ADA)).content == PNG
    history = (await here.client.conversations_history(channel=channel))["messages"]
    assert history[0]["files"] == [file]


async def test_several_files_are_one_message(here: Local) -> None:
    channel = await here.room(ADA)
    uploads = [{"filename": name, "content": name} for name in ("a.txt", "b.txt")]
    await here.client.files_upload_v2(channel=channel, file_uploads=uploads)
    seen = (await here.people.messages(ADA, channel))[-1]
    assert [file["title"] for file in seen.files] == ["a.txt", "b.txt"]


async def test_a_file_goes_into_a_thread_and_to_several_channels(here: Local) -> None:
    first, second = await here.room(name="one"), await here.room(name="two")
    root = (await here.client.chat_postMessage(channel=first, text="root"))["ts"]
    await here.client.files_upload_v2(
        channel=first, thread_ts=root, filename="a.txt", content="abc"
    )
    thread = (await here.client.conversations_replies(channel=first, ts=root))["messages"]
    assert [len(message.get("files", [])) for message in thread] == [0, 1]
    await here.client.files_upload_v2(channels=[second, ADA], filename="a.txt", content="abc")
    assert (await here.client.conversations_history(channel=second))["messages"][0]["files"]
    assert (await here.people.messages(ADA, BOT))[-1].files


async def test_blocks_introduce_a_file_unless_a_comment_does(here: Local) -> None:
    channel = await here.room(ADA)
    for comment, blocks in ((None, 1), ("Look", 0)):
        given = {"channel_id": channel, "blocks": [section()], "initial_comment": comment}
        files = bare(await uploaded(here))
        await here.client.api_call("files.completeUploadExternal", json={"files": files, **given})
        seen = (await here.people.messages(ADA, channel))[-1]
        assert (len(seen.blocks), len(seen.files)) == (blocks, 1)


async def test_an_upload_is_a_body_or_a_form(here: Local) -> None:
    file, url = await announced(here)
    sent = await send(url, data={"token": "x"}, files={"filename": ("a.txt", b"abc")})
    assert (sent.status_code, sent.text) == (200, "OK - 3")
    assert (await here.client.files_completeUploadExternal(files=bare(file)))["files"]


async def test_an_address_takes_one_upload_of_the_announced_length(here: Local) -> None:
    _, url = await announced(here, length=3)
    for wrong in (b"ab", b"abcd", b""):
        assert (await send(url, content=wrong)).status_code == 400
    assert (await send(url, content=b"abc")).status_code == 200
    assert (await send(url, content=b"abc")).status_code == 404
    assert (await send(f"{here.slack.url}/upload/stolen", content=b"abc")).status_code == 404


async def test_an_upload_is_in_the_log_without_its_ticket(here: Local) -> None:
    _, url = await announced(here)
    await here.people.fault("http", "upload", status=503)
    assert (await send(url, content=b"abc")).status_code == 503
    await send(url, content=b"abc")
    calls = await here.people.calls("upload")
    assert [(call.status, call.answer["ok"]) for call in calls] == [(503, False), (200, True)]
    assert calls[-1].arguments == {"bytes": 3}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"length": 0, "filename": "a"}, "missing_argument"),
        ({"filename": "a"}, "missing_argument"),
        ({"length": "many", "filename": "a"}, "invalid_arguments"),
        ({"length": 3, "filename": ""}, "invalid_arguments"),
        ({"length": 3}, "invalid_arguments"),
        ({"length": 2**40, "filename": "a"}, "file_upload_size_restricted"),
        ({"length": 2**21, "filename": "a", "snippet_type": "text"}, "snippet_too_large"),
        ({"length": 3, "filename": "a", "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    ],
)
async def test_what_cannot_be_announced(here: Local, given: Json, error: str) -> None:
    call = here.client.api_call("files.getUploadURLExternal", params=given)
    assert (await refusal(call))["error"] == error


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"files": [{"id": "F0NONE"}]}, "file_not_found"),
        ({"files": []}, "invalid_arguments"),
        ({"files": [{"title": "x"}]}, "invalid_arguments"),
        ({"channel_id": "C0NONE"}, "channel_not_found"),
        ({"channels": "C0NONE"}, "invalid_channel"),
        ({"channels": BOT}, "invalid_channel"),
        ({"channel_id": "C0GENERAL"}, "not_in_channel"),
        ({"channels": ",".join(f"C{number}" for number in range(101))}, "channels_limit_exceeded"),
        ({"channel_id": ADA, "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel_id": ADA, "blocks": [{"type": "carousel"}]}, "invalid_blocks"),
    ],
)
async def test_what_cannot_be_completed_changes_nothing(
    here: Local, given: Json, error: str
) -> None:
    files = bare(await uploaded(here))
    call = here.client.api_call("files.completeUploadExternal", json={"files": files, **given})
    assert (await refusal(call))["error"] == error
    assert (await here.client.files_completeUploadExternal(files=files))["ok"]
    again = await refusal(here.client.files_completeUploadExternal(files=files))
    assert again["error"] == "file_not_found"


async def test_a_file_cannot_be_completed_before_it_has_come(here: Local) -> None:
    file, _ = await announced(here)
    refused = await refusal(here.client.files_completeUploadExternal(files=bare(file)))
    assert refused["error"] == "file_not_found"


async def test_an_archived_channel_takes_no_file(here: Local) -> None:
    channel = await here.room(ADA)
    await here.people.archive(user=ADA, channel=channel)
    files = bare(await uploaded(here))
    call = here.client.files_completeUploadExternal(files=files, channel_id=channel)
    assert (await refusal(call))["error"] == "posting_to_channel_denied"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_files_need_their_scope(method: str) -> None:
    async with local(scopes=["files:read"]) as here:
        refused = await refusal(here.client.api_call(method))
    assert (refused["needed"], refused["provided"]) == ("files:write", "files:read")
