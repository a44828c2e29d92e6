"""A table that repeats another's selection is told from a person who chooses a row."""

from __future__ import annotations

from ui.components.table_echo import KEPT, Drawn, is_echo, noted


def tables(*steps: tuple[str, int, float]) -> tuple[Drawn, ...]:
    drawn: tuple[Drawn, ...] = ()
    for key, chosen, at_s in steps:
        drawn = noted(drawn, key, [chosen], at_s)
    return drawn


def test_the_row_chosen_before_is_an_echo_for_a_moment_only() -> None:
    drawn = tables(("a", 1, 0.0), ("b", 4, 100.0))
    assert is_echo(drawn, "b", [1], 100.5, 3.0)
    assert not is_echo(drawn, "b", [1], 103.5, 3.0), "much later it is a wish"
    assert not is_echo(drawn, "b", [2], 100.5, 3.0), "another row is one, too"


def test_a_table_that_the_browser_never_drew_does_not_hide_the_one_before() -> None:
    drawn = tables(("a", 1, 0.0), ("b", 4, 100.0), ("c", 6, 100.3), ("d", 2, 100.6))
    assert is_echo(drawn, "d", [1], 101.0, 3.0) and is_echo(drawn, "d", [4], 101.0, 3.0)


def test_a_table_replaced_meanwhile_repeats_only_those_before_it() -> None:
    drawn = tables(("a", 1, 0.0), ("b", 4, 100.0), ("c", 6, 100.3))
    assert is_echo(drawn, "b", [1], 100.5, 3.0), "its echo may come when the next one was drawn already"
    assert not is_echo(drawn, "b", [6], 100.5, 3.0)


def test_what_was_chosen_last_counts_not_what_a_table_began_with() -> None:
    drawn = tables(("a", 0, 0.0), ("a", 3, 20.0), ("b", 5, 100.0))
    assert [one.key for one in drawn] == ["a", "b"] and drawn[0].at_s == 0.0
    assert is_echo(drawn, "b", [3], 100.5, 3.0) and not is_echo(drawn, "b", [0], 100.5, 3.0)


def test_an_order_that_comes_back_is_the_latest_drawing() -> None:
    drawn = tables(("a", 1, 0.0), ("b", 4, 100.0), ("a", 1, 100.4))
    assert is_echo(drawn, "a", [4], 100.6, 3.0)


def test_unknown_tables_and_old_ones_are_forgotten() -> None:
    drawn = tables(*((str(n), n, float(n)) for n in range(3 * KEPT)))
    assert len(drawn) == KEPT and drawn[-1].key == str(3 * KEPT - 1)
    assert not is_echo(drawn, "0", [0], 50.0, 100.0) and not is_echo((), "a", [0], 0.0, 3.0)
