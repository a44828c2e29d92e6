"""Names and notes with characters that mislead, break or attack what they are written to, or that name persons."""

from __future__ import annotations

from tests.layers.faulty.base import Town, fault, frame


def _first_village(town: Town, name: str) -> None:
    layer = frame("villages")
    town.put("villages", layer.assign(village_name=[name, *layer["village_name"][1:]]))


@fault
def name_in_full_width(town: Town) -> None:
    _first_village(town, "青石村　（Ａ１）")


@fault
def name_with_blanks(town: Town) -> None:
    _first_village(town, "青 石 村")


@fault
def name_with_a_reading(town: Town) -> None:
    _first_village(town, "青石村（cūn）")


@fault
def name_with_control_characters(town: Town) -> None:
    _first_village(town, "青石\x08\x1b[31m村\x07")


@fault
def name_turned_around(town: Town) -> None:
    _first_village(town, "青石\u202e村\u200b")


@fault
def name_with_html(town: Town) -> None:
    _first_village(town, "青石村<img src=x onerror=alert(1)>")


@fault
def name_with_a_script(town: Town) -> None:
    _first_village(town, "<script>document.title='x'</script>青石村")


@fault
def name_with_a_formula(town: Town) -> None:
    _first_village(town, '=HYPERLINK("x","青石村")')


@fault
def name_with_a_command(town: Town) -> None:
    _first_village(town, "@SUM(1+1)*cmd|' /C calc'!A0")


@fault
def name_of_a_megabyte(town: Town) -> None:
    _first_village(town, "青　石" * 400_000)


@fault
def note_with_an_identity_number(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(title_number="双溪县(2021)第7号 持证人 11010519491231002X"))


@fault
def note_with_a_telephone(town: Town) -> None:
    town.put("parcels", frame("parcels").assign(title_number="第7号,电话 13900000000"))


@fault
def owner_is_a_person(town: Town) -> None:
    town.put("parcels", frame("parcels").assign(owner_name="欧阳某某"))
