"""Files handed over: kept where they belong under safe names, and hostile ones answered in words."""

from __future__ import annotations

import io
import zipfile

import pytest

from layers.findings import InputError
from layers.uploads import data_home, receive, safe_name


def zipped(name: str, content: bytes = b"x") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    file.seek(0)
    return file


def bomb(size: int) -> io.BytesIO:
    """A zip whose directory says that its one member unpacks to `size` bytes; the member itself is small."""
    raw = bytearray(zipped("a.csv").getvalue())
    at = raw.rindex(b"PK\x01\x02") + 24
    raw[at:at + 4] = size.to_bytes(4, "little")
    return io.BytesIO(bytes(raw))


@pytest.mark.parametrize(("given", "own"), [
    ("../../宗地.shp", "宗地.shp"), ("/etc/passwd.csv", "passwd.csv"), ("C:\\data\\a.csv", "a.csv"), ("nul.csv", "_nul.csv"),
    ("a\x00\nb.csv", "ab.csv"), ("..", ""), ("", ""), (".bashrc", "bashrc"), ("a:b?.csv", "a_b_.csv"), ("x. ", "x"),
])
def test_names_lead_nowhere(given, own):
    assert safe_name(given) == own


def test_long_names_keep_their_ending():
    own = safe_name("村" * 200 + ".gpkg")
    assert own.endswith(".gpkg") and len(own.encode()) <= 120 and own == own.encode().decode()


def test_files_stay_in_a_new_folder_below_home(tmp_path):
    steps: list[tuple[str, int]] = []
    received = receive([("../a.csv", io.BytesIO(b"1")), ("b.tif", io.BytesIO(b"2"))], name="../双溪县", home=tmp_path / "home",
                       progress=lambda name, number: steps.append((name, number)))
    assert received.folder == tmp_path / "home" / "双溪县" and received.kept == ("a.csv", "b.tif") and not received.refused
    assert (received.folder / "a.csv").read_bytes() == b"1" and steps == [("a.csv", 0), ("b.tif", 1)]
    again = receive([("a.csv", io.BytesIO(b"1"))], name="双溪县", home=tmp_path / "home")
    assert again.folder.name == "双溪县-2"
    assert {path.name for path in tmp_path.rglob("*")} == {"home", "双溪县", "双溪县-2", "a.csv", "b.tif"}


def test_hostile_files_are_answered_and_the_good_ones_kept(tmp_path):
    files = [
        ("ok.csv", io.BytesIO(b"1")), ("OK.CSV", io.BytesIO(b"2")), ("out.zip", zipped("../../evil.csv")),
        ("bomb.zip", bomb(4 * 10**9)),
        ("broken.zip", io.BytesIO(b"PK")), ("a.vrt", io.BytesIO(b"<VRTDataset/>")), ("土地.mdb", io.BytesIO(b"x")),
        ("run.exe", io.BytesIO(b"MZ")), ("..", io.BytesIO(b"x")), ("fake.xlsx", io.BytesIO(b"no zip")),
    ]
    received = receive(files, name="x", home=tmp_path)
    assert received.kept == ("ok.csv",) and [path.name for path in received.folder.iterdir()] == ["ok.csv"]
    assert [finding.code for finding in received.refused] == [
        "upload_twice", "archive_escapes", "archive_bomb", "archive_broken", "format_virtual", "format_mdb", "format_unknown",
        "upload_name", "archive_broken",
    ]
    for finding in received.refused:
        assert finding.text("zh") and finding.text("en")
    assert not list(tmp_path.rglob("evil*"))


def test_nothing_kept_leaves_no_folder(tmp_path):
    with pytest.raises(InputError, match="not known"):
        receive([("run.exe", io.BytesIO(b"MZ"))], name="x", home=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_home_that_is_a_file_is_said(tmp_path):
    (tmp_path / "home").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="CUNZHI_HOME"):
        receive([("a.csv", io.BytesIO(b"1"))], name="x", home=tmp_path / "home")


def test_home_is_what_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("CUNZHI_HOME", str(tmp_path))
    assert data_home() == tmp_path
