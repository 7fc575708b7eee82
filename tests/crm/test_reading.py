import gzip

import pytest

from crm.reading import Unreadable, understand


def rows(path, content: bytes, **known):
    path.write_bytes(content)
    return [(row.line, row.cells, row.wrong) for row in understand(path, **known).rows()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.csv"


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,é\n".encode(),
        "\ufeffa,b\n1,é\n".encode(),
        "a,b\n1,é\n".encode("utf-16"),
        "a,b\r\n1,é\r\n".encode("utf-16-be"),
        "a,b\n1,é\n".encode("utf-16-le"),
        "a,b\n1,é\n".encode("cp1252"),
        "a,b\r1,é\r".encode(),
        "a;b\r\n1;é\r\n".encode(),
        "a\tb\n1\té\n".encode(),
        '"a","b"\n"1","é"'.encode(),
        " a , b \n1,é\n\n".encode(),
    ],
)
def test_the_usual_encodings_delimiters_and_line_ends_read_alike(path, content):
    assert rows(path, content) == [(2, {"a": "1", "b": "é"}, "")]


def test_a_named_encoding_and_delimiter_win(path):
    assert rows(path, "a:b\n1:é\n".encode("cp850"), encoding="cp850", delimiter=":") == [(2, {"a": "1", "b": "é"}, "")]


def test_compressed_files_are_read(tmp_path):
    assert rows(tmp_path / "x.csv.gz", gzip.compress(b"a,b\n1,2\n")) == [(2, {"a": "1", "b": "2"}, "")]


def test_a_quote_that_is_not_closed_costs_its_line_alone(path):
    found = rows(path, b'a,b\n1,"x\n2,ok\n3,"y"\n4,z')
    assert found == [
        (2, {}, "has quotes that do not match"),
        (3, {"a": "2", "b": "ok"}, ""),
        (4, {"a": "3", "b": "y"}, ""),
        (5, {"a": "4", "b": "z"}, ""),
    ]


def test_a_quote_inside_a_cell_is_a_letter_and_a_quoted_cell_may_hold_lines(path):
    found = rows(path, b'a,b\n1,5" pipe\n2,"m\nn"\n3,z\n')
    assert found == [
        (2, {"a": "1", "b": '5" pipe'}, ""),
        (3, {"a": "2", "b": "m\nn"}, ""),
        (5, {"a": "3", "b": "z"}, ""),
    ]


def test_a_very_long_unclosed_quote_is_given_up_and_the_rest_is_read(path):
    found = rows(path, b'a,b\n1,"x\n' + b"2,ok\n" * 300)
    assert found[0] == (2, {}, "opens a quote that is not closed")
    assert len(found) == 301
    assert found[-1] == (302, {"a": "2", "b": "ok"}, "")


def test_large_cells_are_read_and_huge_ones_refused_by_row(path):
    found = rows(path, b'a,b\n"' + b"y" * 200_000 + b'",1\n' + b"z" * 3_000_000 + b",1\n2,3\n")
    assert [(line, len(cells.get("a", "")), wrong) for line, cells, wrong in found] == [
        (2, 200_000, ""),
        (3, 0, "is longer than 1,000,000 characters"),
        (4, 1, ""),
    ]


def test_rows_of_another_width_and_nul_characters_are_refused_by_row(path):
    assert rows(path, b"a,b\n1\n1,2,3\n1,2,\n\n,\n\x007,8\n9,9\n") == [
        (2, {}, "has 1 cells where the header has 2"),
        (3, {}, "has 3 cells where the header has 2"),
        (4, {"a": "1", "b": "2"}, ""),
        (7, {}, "holds a NUL character"),
        (8, {"a": "9", "b": "9"}, ""),
    ]


@pytest.mark.parametrize("guarded", ["=1+1", "+1", "-1", "@x", "＝1"])
def test_the_apostrophe_before_a_formula_is_taken_off(path, guarded):
    assert rows(path, f"a,b\n'{guarded},'plain\n".encode()) == [(2, {"a": guarded, "b": "'plain"}, "")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.csv", b"", "it is empty"),
        ("x.csv.gz", b"", "it is empty"),
        ("x.csv.gz", b"no gzip", "it can't be read (BadGzipFile)"),
        ("x.csv", b'a,"b\n', "its header has quotes that do not match"),
    ],
)
def test_files_that_are_none_say_why(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match="^" + why.replace("(", r"\(").replace(")", r"\)") + "$"):
        understand(tmp_path / name)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(Unreadable, match="there is no such file"):
        understand(tmp_path / "none.csv")


def test_the_same_column_twice_is_known(path):
    path.write_bytes(b"a,b,a\n")
    assert understand(path).doubled() == {"a"}
