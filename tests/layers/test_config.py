import pytest

from layers.config import read_config
from layers.findings import InputError, SourceNotFound, UnsupportedFormat
from tests.layers.samples import write_county


def codes(error: InputError) -> list[str]:
    return [finding.code for finding in error.findings]


def test_every_fault_is_reported_at_once(tmp_path):
    (tmp_path / "a.gpkg").touch()
    path = write_county(
        tmp_path,
        """
[layers.parcel]
source = "a.gpkg"
[layers.roads]
sourse = "a.gpkg"
[layers.parcels]
source = "nowhere.shp"
fields = { owner = "QSXZ", parcel_id = "QLRMC" }
units = { declared_area_m2 = "muu" }
[layers.restrictions.redline]
source = "a.gpkg"
kind = "ecological_red_line"
crs = "EPSG:abc"
[layers.buildings]
source = "a.mdb"
""",
        county='name = "测试县"\ncode = 529901\nregion = "x"',
    )
    with pytest.raises(InputError, match="did you mean 'parcels'") as caught:
        read_config(path)
    assert sorted(codes(caught.value)) == sorted(
        [
            "config_unknown_key",
            "config_code_not_text",
            "config_unknown_role",
            "config_unknown_key",
            "config_no_source",
            "source_missing",
            "config_unknown_column",
            "config_private_field",
            "config_unknown_value",
            "config_unknown_value",
            "config_crs_unknown",
            "format_mdb",
        ]
    )
    for finding in caught.value.findings:
        assert finding.text("zh") and finding.text("en")


def test_a_missing_file_alone_is_source_not_found(tmp_path):
    with pytest.raises(SourceNotFound, match="there is no gone.shp") as caught:
        read_config(write_county(tmp_path, '[layers.parcels]\nsource = "gone.shp"'))
    assert isinstance(caught.value, FileNotFoundError)


@pytest.mark.parametrize(
    ("name", "way_out"), [("a.mdb", ".gdb"), ("a.vct", "shapefile"), ("a.dwg", "DXF"), ("a.doc", "CSV")]
)
def test_formats_out_of_reach_name_the_way_out(tmp_path, name, way_out):
    (tmp_path / name).touch()
    with pytest.raises(UnsupportedFormat, match=way_out):
        read_config(write_county(tmp_path, f'[layers.parcels]\nsource = "{name}"'))


def test_not_toml_and_no_file(tmp_path):
    path = tmp_path / "county.toml"
    path.write_text("[county\nname=", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as TOML"):
        read_config(path)
    with pytest.raises(SourceNotFound, match="There is no file"):
        read_config(tmp_path / "other.toml")


def test_what_is_not_read_here_passes_through(tmp_path):
    (tmp_path / "a.gpkg").touch()
    layers = '[layers.parcels]\nsource = ["a.gpkg", "a.gpkg|宗地"]\nwhere = { DLBM = ["0702"], QSXZ = "*" }\n'
    layers += '[candidates]\nbuildings = "all"'
    config = read_config(write_county(tmp_path, layers))
    assert config.options == {"candidates": {"buildings": "all"}}
    assert config.layers[0].sources == ("a.gpkg", "a.gpkg|宗地")
    assert config.layers[0].where == {"DLBM": ("0702",), "QSXZ": ("*",)}
