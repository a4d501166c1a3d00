"""Files that go to SFTP, S3 and other targets, and what a cut leaves there."""

import hashlib
import json
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pydantic import ValidationError

from customer_segments.exporting.problems import ExportProblem, WriteFailed, WrongSpec
from customer_segments.exporting.remote_files import (
    RemoteFailed,
    RemoteSettings,
    Target,
    connected,
    upload,
)
from tests.python.sftp_server import PASSWORD, USER, sftp_server

OLD = {
    "win_back.csv": b"old win back\n",
    "vip.csv": b"old vip\n",
    "gone.csv": b"gone\n",
}
NEW = {"win_back.csv": b"new win back, longer\n", "vip.csv": b"new\n" * 70_000}
KEY, SECRET = "AKIATESTTESTTESTTEST", "secret-of-the-test-bucket"
ENVIRON = {"SFTP_PASSWORD": PASSWORD, "S3_KEY": KEY, "S3_SECRET": SECRET}


# making a client of S3 takes a while, and it has no connection to close
READERS: dict[str, Target] = {}


class Cut(BaseException):
    """The process ends here."""


def settings(given: Mapping[str, Any]) -> RemoteSettings:
    return RemoteSettings.model_validate(given)


def export(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write finished files and their manifest, as an export leaves them."""
    folder.mkdir(exist_ok=True)
    entries = {}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        entries[name.removesuffix(".csv")] = {
            "file": name,
            "rows": content.count(b"\n"),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    text = json.dumps({"audiences": entries, "format": 1})
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return list(files)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 service on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def bucket(s3: str) -> dict[str, Any]:
    """Settings for a folder of a new bucket."""
    name = f"test-{uuid.uuid4().hex}"
    given = {
        "target": f"s3://{name}/in/daily",
        "options": {"client_kwargs": {"endpoint_url": s3}},
        "secrets": {"key": "S3_KEY", "secret": "S3_SECRET"},
        "allow_http": True,
        "timeout_seconds": 30,
    }
    with connected(settings(given), ENVIRON) as target:
        target.system.call_s3("create_bucket", Bucket=name)
    return given


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Settings for a folder of an SFTP server."""
    root = tmp_path / "served"
    root.mkdir()
    with sftp_server(root) as server:
        yield sftp_settings(tmp_path, server.port, server.known_hosts)


def sftp_settings(tmp_path: Path, port: int, known_hosts: str) -> dict[str, Any]:
    hosts = tmp_path / "known_hosts"
    hosts.write_text(known_hosts, encoding="utf-8")
    return {
        "target": f"sftp://{USER}@127.0.0.1:{port}/in/daily",
        "secrets": {"password": "SFTP_PASSWORD"},
        "known_hosts": str(hosts),
        "timeout_seconds": 30,
    }


@pytest.fixture(params=["file", "memory", "sftp", "s3"])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Settings for a target of each kind."""
    match request.param:
        case "file":
            (tmp_path / "share").mkdir()
            return {"target": f"file://{tmp_path}/share"}
        case "memory":
            return {"target": f"memory://{uuid.uuid4().hex}/in"}
        case "sftp":
            return dict(request.getfixturevalue("sftp"))
        case _:
            return dict(request.getfixturevalue("bucket"))


def there(given: Mapping[str, Any]) -> dict[str, bytes]:
    """Files at the target and their bytes."""
    with ExitStack() as stack:
        target = READERS.get(given["target"])
        if target is None:
            target = stack.enter_context(connected(settings(given), ENVIRON))
            if given["target"].startswith("s3"):
                READERS[given["target"]] = target
        target.system.invalidate_cache()
        with suppress(FileNotFoundError):
            return {
                path.rpartition("/")[2]: target.system.cat_file(path)
                for path in target.system.ls(target.folder, detail=False)
            }
    return {}


def send(
    given: Mapping[str, Any],
    folder: Path,
    files: Mapping[str, bytes],
    reached: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Export files and upload them."""
    names = export(folder, files)
    return upload(settings(given), folder, names, ENVIRON, reached)


def test_files_and_manifest_arrive_and_obsolete_ones_leave(
    given: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert send(given, folder, OLD) == []
    manifest = (folder / "manifest.json").read_bytes()
    assert there(given) == {**OLD, "manifest.json": manifest}
    assert send(given, folder, NEW) == ["gone.csv"]
    manifest = (folder / "manifest.json").read_bytes()
    assert there(given) == {**NEW, "manifest.json": manifest}
    assert send(given, folder, NEW) == []


def test_a_cut_at_any_step_leaves_whole_files_and_the_next_run_heals(
    given: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    send(given, folder, OLD)
    old_manifest = (folder / "manifest.json").read_bytes()
    steps: list[str] = []
    send(given, folder, NEW, steps.append)
    assert steps[0] == "connected" and steps[-1] == "placed manifest.json"
    assert steps.index("placed vip.csv") < steps.index("removed gone.csv")
    assert steps.index("removed gone.csv") < steps.index("staged manifest.json")
    # a connection takes a while
    is_near = given["target"].startswith(("file", "memory"))
    some = range(len(steps) - 1) if is_near else [3, 5]
    for step in (steps[place] for place in some):
        send(given, folder, OLD)

        def cut(reached: str, step: str = step) -> None:
            if reached == step:
                raise Cut

        with pytest.raises(Cut):
            send(given, folder, NEW, cut)
        found = there(given)
        assert found["manifest.json"] == old_manifest, step
        for name, content in found.items():
            if not name.startswith(".") and name != "manifest.json":
                assert content in (OLD.get(name), NEW.get(name)), (step, name)
        send(given, folder, NEW)
        manifest = (folder / "manifest.json").read_bytes()
        assert there(given) == {**NEW, "manifest.json": manifest}, step


def test_an_upload_that_breaks_off_leaves_no_half_file_under_a_final_name(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    send(given, folder, OLD)
    before = there(given)
    with connected(settings(given), ENVIRON) as target:
        system, moves = type(target.system), target.moves
    if not moves:
        # these take a file whole or not at all
        assert system.__name__ in ("S3FileSystem", "MemoryFileSystem")
        return
    whole = system.put_file

    def half(self: Any, local: str, remote: str, **options: Any) -> None:
        part = tmp_path / "half"
        part.write_bytes(Path(local).read_bytes()[:5])
        whole(self, str(part), remote, **options)
        raise ConnectionResetError("canary.person@example.kr")

    monkeypatch.setattr(system, "put_file", half)
    with pytest.raises(RemoteFailed) as caught:
        send(given, folder, NEW)
    assert "canary" not in str(caught.value) and "ConnectionReset" in str(caught.value)
    monkeypatch.undo()
    found = {name: content for name, content in there(given).items() if name[0] != "."}
    assert found == before
    send(given, folder, NEW)
    assert sorted(there(given)) == sorted([*NEW, "manifest.json"])


@pytest.mark.parametrize("read_back", [True, False])
def test_what_arrives_otherwise_is_told(
    read_back: bool,
    given: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "out"
    send(given, folder, OLD)
    manifest = there(given)["manifest.json"]
    with connected(settings(given), ENVIRON) as target:
        system = type(target.system)
    whole = system.put_file

    def other(self: Any, local: str, remote: str, **options: Any) -> None:
        content = Path(local).read_bytes()
        part = tmp_path / "other"
        part.write_bytes(content[:-2] + b"?\n" if read_back else content[:-1])
        whole(self, str(part), remote, **options)

    monkeypatch.setattr(system, "put_file", other)
    with pytest.raises(RemoteFailed, match="arrived otherwise"):
        send({**given, "read_back": read_back}, folder, NEW)
    monkeypatch.undo()
    assert there(given)["manifest.json"] == manifest


def test_a_local_file_that_is_not_what_the_manifest_says_goes_nowhere(
    tmp_path: Path,
) -> None:
    given = {"target": f"memory://{uuid.uuid4().hex}/in"}
    folder = tmp_path / "out"
    names = export(folder, NEW)
    (folder / "vip.csv").write_bytes(b"changed\n")
    with pytest.raises(WriteFailed, match="not what the manifest says"):
        upload(settings(given), folder, names, ENVIRON)
    (folder / "vip.csv").unlink()
    with pytest.raises(WriteFailed, match="cannot be read"):
        upload(settings(given), folder, names, ENVIRON)
    assert there(given) == {}


@pytest.mark.parametrize("name", ["../x.csv", ".x.csv", "a/b.csv", "X.csv", "x.exe"])
def test_only_files_of_audiences_are_uploaded(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSpec):
        upload(RemoteSettings(target="memory://x"), tmp_path, [name], ENVIRON)


def test_a_manifest_over_there_cannot_make_us_remove_other_files(
    tmp_path: Path,
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (tmp_path / "mine.csv").write_bytes(b"mine")
    (share / "theirs.csv").write_bytes(b"theirs")
    names = ["../mine.csv", "/etc/passwd", "manifest.json", 7, {"file": None}]
    text = json.dumps([{"file": name} for name in names])
    (share / "manifest.json").write_text(text, encoding="utf-8")
    assert send({"target": f"file://{share}"}, tmp_path / "out", NEW) == []
    assert (tmp_path / "mine.csv").exists() and (share / "theirs.csv").exists()
    (share / "manifest.json").write_text("{no json", encoding="utf-8")
    assert send({"target": f"file://{share}"}, tmp_path / "out", NEW) == []


def test_files_on_a_share_are_for_their_owner_alone_and_links_are_not_followed(
    tmp_path: Path,
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / ".vip.csv.tmp").symlink_to(tmp_path / "elsewhere")
    send({"target": f"file://{share}"}, tmp_path / "out", NEW)
    assert not (tmp_path / "elsewhere").exists()
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in share.iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("kind", ["file", "sftp"])
def test_what_a_cut_upload_left_is_cleared_and_nothing_else(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    given: dict[str, Any] = {"target": f"file://{share}"}
    if kind == "sftp":
        given = request.getfixturevalue("sftp")
        share = tmp_path / "served" / "in" / "daily"
    share.mkdir(parents=True)
    ours, theirs = ".no_more.csv.tmp", (".theirs.tmp", "no_more.csv.tmp", ".x.txt.tmp")
    for name in (ours, *theirs):
        (share / name).write_bytes(b"x")
    send(given, tmp_path / "out", NEW)
    found = {path.name for path in share.iterdir()}
    assert found == {*theirs, *NEW, "manifest.json"}


def test_a_share_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(RemoteFailed, match="FileNotFoundError"):
        send({"target": f"file://{tmp_path}/absent"}, tmp_path / "out", NEW)
    assert not (tmp_path / "absent").exists()


def test_sftp_without_its_extension_replaces_files_too(tmp_path: Path) -> None:
    root = tmp_path / "served"
    root.mkdir()
    with sftp_server(root, knows_posix_rename=False) as server:
        given = sftp_settings(tmp_path, server.port, server.known_hosts)
        send(given, tmp_path / "out", OLD)
        send(given, tmp_path / "out", NEW)
        assert sorted(there(given)) == sorted([*NEW, "manifest.json"])
        assert there(given)["vip.csv"] == NEW["vip.csv"]


def test_sftp_trusts_no_server_at_first_sight(
    sftp: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hosts = Path(sftp["known_hosts"])
    known = hosts.read_text(encoding="utf-8")
    hosts.write_text("", encoding="utf-8")
    with pytest.raises(RemoteFailed, match="not in known_hosts"):
        send(sftp, tmp_path / "out", NEW)
    assert hosts.read_text(encoding="utf-8") == ""
    root = tmp_path / "other"
    root.mkdir()
    with sftp_server(root) as other:
        key = other.known_hosts.split(" ", 1)[1]
        hosts.write_text(known.split(" ", 1)[0] + " " + key, encoding="utf-8")
        with pytest.raises(RemoteFailed, match="another than in known_hosts"):
            send(sftp, tmp_path / "out", NEW)
    hosts.unlink()
    with pytest.raises(RemoteFailed, match="FileNotFoundError"):
        send(sftp, tmp_path / "out", NEW)
    hosts.write_text(known, encoding="utf-8")
    assert there(sftp) == {}
    with pytest.raises(ValidationError):
        settings({**sftp, "host_key_policy": "auto_add"})
    weaker = {**sftp, "options": {"host_key_policy": "auto_add"}}
    with pytest.raises(RemoteFailed, match="TypeError"):
        send(weaker, tmp_path / "out", NEW)
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize("kind", ["sftp", "bucket"])
def test_wrong_credentials_are_told_and_not_shown(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = request.getfixturevalue(kind)
    names = export(tmp_path / "out", NEW)
    wrong = {**ENVIRON, "SFTP_PASSWORD": "canary-password", "S3_SECRET": ""}
    with pytest.raises(ExportProblem) as caught:
        upload(settings(given), tmp_path / "out", names, wrong)
    expected = "refused the credentials" if kind == "sftp" else "variable S3_SECRET"
    assert expected in str(caught.value)
    said = str(caught.value) + "".join(capfd.readouterr())
    for word in ("canary", PASSWORD, SECRET, KEY, USER):
        assert word not in said
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_nobody_listening_is_a_failed_destination(
    sftp: dict[str, Any], tmp_path: Path
) -> None:
    elsewhere = {**sftp, "target": f"sftp://{USER}@127.0.0.1:1/in"}
    with pytest.raises(RemoteFailed) as caught:
        send(elsewhere, tmp_path / "out", NEW)
    assert caught.value.code == 5 and USER not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": "out/folder"}, "is a URL"),
        ({"target": "sftp://u:canary-password@h/in"}, "name secrets"),
        ({"target": "https://h/in"}, "cannot be put"),
        ({"target": "file:///srv/../etc"}, "cannot be put"),
        ({"target": "zip::file:///x"}, "is a URL"),
        ({"target": "file:///"}, "no folder"),
        ({"options": {"password": "canary-password"}}, "is a secret"),
        ({"options": {"Secret": "canary-password"}}, "is a secret"),
        (
            {
                "options": {
                    "client_kwargs": {"aws_secret_access_key": "canary-password"}
                }
            },
            "is a secret",
        ),
        ({"secrets": {"password": "not a name"}}, "should match"),
        ({"options": {"endpoint_url": "http://h"}}, "not https"),
        ({"options": {"client_kwargs": {"endpoint_url": "HTTP://h"}}}, "not https"),
        ({"timeout_seconds": 0}, "greater than 0"),
        ({"taget": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        settings({"target": "sftp://h/in", **given})
    assert "canary" not in str(caught.value)


def test_a_target_of_no_known_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongSpec, match="nothing that fsspec knows"):
        send({"target": "nosuch://h/in"}, tmp_path / "out", NEW)
