from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def run(command: str, *args: str) -> list[str]:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def written(tmp_path):
    def write(name: str, text: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_pairs_are_scored_in_order_and_other_columns_ignored(written):
    pairs = written("p.csv", 'label,name_2,name_1\n1,Zander Ltd,"Zander, Inc."\n0,Quorvex,Zander\n1,,\n')
    lines = [line.split("\t") for line in run("match_names", pairs)]
    assert [verdict for _, verdict in lines] == ["1", "0", "0"]
    assert lines[0][0] == "1.000000"


def test_row_numbers_count_from_zero_below_the_header(written):
    names = written("n.csv", "id,name\n1,Quorvex\n2,Zanderfield Ltd\n3,Blimpworth\n")
    queries = written("q.csv", "query\nzanderfeild\nWuzzle\nQuorvex AG\n")
    assert run("match_search", names, queries, "--top", "2") == ["1", "", "0"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no column name_1 and no name_2. It has: none."),
        (b"name_1,other\na,b\n", "has no column name_2. It has: name_1, other."),
        (b"\xff\xfe\x00", "is not UTF-8. Save it as CSV in UTF-8."),
        (b'name_1,name_2\n"' + b"x" * (1 << 21), "is not a CSV file: field larger than field limit (1048576)."),
    ],
)
def test_a_bad_file_is_told_in_a_sentence(written, content, said):
    path = written("bad.csv", content)
    with pytest.raises(CommandError) as told:
        run("match_names", path)
    assert (str(told.value), told.value.returncode) == (f"{path} {said}", 2)


def test_a_missing_file_is_told_in_a_sentence(tmp_path):
    with pytest.raises(CommandError) as told:
        run("match_search", str(tmp_path / "no.csv"), str(tmp_path / "no.csv"))
    assert told.value.returncode == 2
