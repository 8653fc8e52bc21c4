"""The order in which tests are dealt to the processes of a run."""

from tests.support.collecting import dealt


def test_each_process_begins_with_its_part_of_the_slow_ones() -> None:
    assert dealt("ABCDE", "abcdefg", 3) == list("ADab" + "BEcd" + "Cefg")
    assert dealt("", "abc", 2) == list("abc")
    assert dealt("AB", "c", 1) == list("ABc")


def test_none_is_lost_when_the_slow_ones_are_many() -> None:
    for processes in range(1, 9):
        found = dealt("ABCDEFGHI", "ab", processes)
        assert sorted(found) == sorted("ABCDEFGHIab")
