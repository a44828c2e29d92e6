"""The files that maps need are the installation's own, whole and named by no address outside."""

from __future__ import annotations

import importlib.resources

from ui.assets import OfflineMap, own_script, prepare_static, static_url


def test_static_folder_holds_the_installed_files(tmp_path):
    folder = prepare_static(tmp_path / "static")
    for name, package, path in (("leaflet.js", "xstatic.pkg.leaflet", "data/leaflet.js"),
                                ("jquery.js", "xstatic.pkg.jquery", "data/jquery.min.js")):
        assert (folder / name).read_bytes() == importlib.resources.files(package).joinpath(path).read_bytes()
    assert (folder / own_script()).read_text(encoding="utf-8").startswith("/*")


def test_preparing_again_mends_a_cut_off_file_and_leaves_the_rest(tmp_path):
    folder = prepare_static(tmp_path)
    whole = (folder / "leaflet.js").read_bytes()
    stamp = (folder / "leaflet.css").stat().st_mtime_ns
    (folder / "leaflet.js").write_bytes(whole[:100])
    (folder / "map_view-00000000.js").write_text("old", encoding="utf-8")
    (folder / own_script()).unlink()
    prepare_static(folder)
    assert (folder / "leaflet.js").read_bytes() == whole
    assert (folder / "leaflet.css").stat().st_mtime_ns == stamp
    assert [path.name for path in folder.glob("map_view-*.js")] == [own_script()]


def test_offline_map_names_only_this_server():
    links = [link for _, link in (*OfflineMap().default_js, *OfflineMap().default_css)]
    assert links and all(link.startswith("/app/static/") for link in links)
    assert static_url("leaflet.js") == "/app/static/leaflet.js"
