"""The student edition: what is in it, that it is the same every day, and that no secret gets past the check."""

import base64
import gzip
import io
import json
import shutil
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import tiny

from classroom import release
from classroom.course import open_course
from classroom.leaks import DEPTH, Leak, find_leaks, squeeze

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = "assert double(-1) == -2"
ANSWER = "return [-math.sqrt(x), math.sqrt(x)]"
SAMPLE = "Two is the double of one, and of nothing else that anybody has found so far."


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    course = tiny.make_course(root)
    (root / "chapters").mkdir()
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A chapter")])
    nbformat.write(chapter, root / "chapters" / "one.ipynb")
    (root / "datasets").mkdir()
    (root / "datasets" / "people.csv").write_text("name,age\nAnn,40\n")
    (root / "datasets" / ".secret.csv").write_text("x\n")
    (root / "requirements.txt").write_text("numpy\n")
    (root / "answers").mkdir()
    (root / "answers" / "week1.py").write_text(
        f'"""The protocol of the bank, in words that everybody may read."""\nSAMPLE = """\n{SAMPLE}\n"""\n'
    )
    return course


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def leaks(course, name: str, data: bytes) -> list[Leak]:
    return find_leaks({name: data}, release.secrets_of(course))


def notebook(**parts) -> bytes:
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell | parts]}).encode()


def zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def test_the_edition_holds_what_students_need_and_nothing_else(course, tmp_path):
    path = release.make_student_edition(course, [tiny.NAME], tmp_path / "out")
    top = "tiny-student"
    expected = {"chapters/one.ipynb", "datasets/people.csv", "requirements.txt"}
    expected |= {f"source/{tiny.NAME}/{tiny.NOTEBOOK}.ipynb", f"source/{tiny.NAME}/data.csv"}
    assert path == (tmp_path / "out" / f"{top}.zip").resolve()
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {f"{top}/{name}" for name in expected}
        contents = {name: archive.read(name) for name in archive.namelist()}
    folder = path.with_suffix("")
    assert {
        f"{top}/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in folder.rglob("*") if p.is_file()
    } == contents
    text = contents[f"{top}/source/{tiny.NAME}/{tiny.NOTEBOOK}.ipynb"].decode()
    assert "assert double(2) == 4" in text and "double(-1)" not in text and "BEGIN" not in text


def test_the_zip_is_the_same_every_time(course, tmp_path):
    first = release.make_student_edition(course, [tiny.NAME], tmp_path / "one").read_bytes()
    again = release.make_student_edition(course, [tiny.NAME], tmp_path / "two")
    assert again.read_bytes() == first
    with zipfile.ZipFile(again) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {release.EPOCH}


PACKED = {
    "in plain text": lambda secret: secret.encode(),
    "indented otherwise": lambda secret: secret.replace(" ", "\n\t  ").encode(),
    "utf-16": lambda secret: f"# a note\n{secret}\n".encode("utf-16"),
    "a zip": lambda secret: zipped("notes.txt", secret.encode()),
    "a zip in a zip": lambda secret: zipped("a.zip", zipped("notes.txt", secret.encode())),
    "the name of a file in a zip": lambda secret: zipped(f"{secret}.txt", b""),
    "gzip": lambda secret: gzip.compress(secret.encode()),
    "a tar": lambda secret: tarred("notes.txt", secret.encode()),
    "zlib": lambda secret: zlib.compress(secret.encode() * 2),
    "base64": lambda secret: b"data = '" + base64.b64encode(f"x = 1\n{secret}\n".encode()) + b"'",
    "base64 in lines": lambda secret: base64.encodebytes(f"{'y = 2  # ' * 20}\n{secret}\n".encode()),
    "url-safe base64": lambda secret: base64.urlsafe_b64encode(f"¿¿¿ {secret} ".encode()),
    "base64 of a zip": lambda secret: base64.b64encode(zipped("notes.txt", secret.encode())),
    "hexadecimal": lambda secret: f"x = 1; {secret}  # and more".encode().hex().encode(),
    "percent signs": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()).encode(),
    "entities": lambda secret: "".join(f"&#{ord(letter)};" for letter in secret).encode(),
    "highlighted": lambda secret: "".join(f"<span class='k'>{word}</span> " for word in secret.split()).encode(),
    "a string in a string": lambda secret: json.dumps(json.dumps({"text": f'"x"\n{secret}'})).encode(),
    "unicode escapes": lambda secret: "".join(f"\\u{ord(letter):04x}" for letter in secret).encode(),
}


@pytest.mark.parametrize("how", PACKED)
@pytest.mark.parametrize("secret", [HIDDEN, ANSWER, SAMPLE], ids=["hidden test", "model answer", "sample answer"])
def test_a_secret_is_found_however_it_is_packed(made, secret, how):
    found = leaks(made, "notes.bin", PACKED[how](secret))
    assert found and all(leak.file == "notes.bin" for leak in found)
    assert not any(squeeze(secret) in squeeze(str(leak)) for leak in found), "a leak does not repeat it"


@pytest.mark.parametrize(
    "parts",
    [
        {"source": HIDDEN},
        {"source": [HIDDEN[:9], HIDDEN[9:]]},
        {"metadata": {"note": {"deep": [1, {"deeper": HIDDEN}]}}},
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["a\n", HIDDEN]}]},
        {"outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"----> 1 {HIDDEN}"]}]},
        {
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"image/png": base64.b64encode(zipped("a", HIDDEN.encode())).decode()},
                }
            ]
        },
        {"attachments": {"a.txt": {"text/plain": base64.b64encode(f"note: {HIDDEN}".encode()).decode()}}},
    ],
    ids=["source", "source in pieces", "metadata", "output", "traceback", "packed output", "attachment"],
)
def test_a_leak_names_the_cell(made, parts):
    found = leaks(made, "chapters/one.ipynb", notebook(**parts))
    assert [(leak.file, leak.secret) for leak in found] == [
        ("chapters/one.ipynb", f"hidden test of {tiny.NAME}/{tiny.NOTEBOOK}.ipynb, cell double_tests, line 3")
    ]
    assert found[0].place.startswith("cell mine, ")


def test_a_secret_in_the_name_of_a_file_is_found_and_not_printed(made):
    for name, data in {f"a/{HIDDEN}.txt": b"", "a.zip": zipped(f"{HIDDEN}.ipynb", notebook(source=ANSWER))}.items():
        found = leaks(made, name, data)
        assert any("hidden test" in leak.secret for leak in found)
        assert not any("double(-1)" in str(leak) for leak in found)


def test_a_leak_in_a_zip_of_a_notebook_names_notebook_and_cell(made):
    (leak,) = leaks(made, "bundle.zip", zipped("a/b.ipynb", notebook(source=HIDDEN)))
    assert (leak.file, leak.place) == ("bundle.zip!a/b.ipynb", "cell mine, source")


def test_what_cannot_be_opened_is_a_leak(made):
    assert leaks(made, "a.gz", b"\x1f\x8b\x08" + bytes(20))
    packed = b"x"
    for _ in range(DEPTH + 2):
        packed = zipped("a.zip", packed)
    assert any("deep" in leak.secret for leak in leaks(made, "a.zip", packed))


def test_a_marker_that_was_left_is_a_leak(made):
    (leak,) = leaks(made, "a.ipynb", notebook(source="## END  HIDDEN TESTS"))
    assert "marker" in leak.secret and leak.place == "cell mine, source"
    assert not leaks(made, "README.md", b"Put ### BEGIN SOLUTION around the answer.")


def test_what_everybody_may_read_is_no_secret(made, course):
    secrets = {secret.text for secret in release.secrets_of(made)}
    assert {squeeze(line) for line in (HIDDEN, ANSWER, SAMPLE)} <= secrets
    assert not any("protocol" in text for text in secrets)
    # The same line in the open part of another cell.
    path = Path(course.root, "source", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")
    source = nbformat.read(path, as_version=4)
    source.cells[0].source += f"\nFor instance: {HIDDEN}"
    nbformat.write(source, path)
    assert squeeze(HIDDEN) not in {secret.text for secret in release.secrets_of(course)}
    Path(course.root, "library.py").write_text(f"def roots(x):\n        {ANSWER}\n")
    published = replace(release.Settings(), published=("*.py",))
    assert squeeze(ANSWER) not in {secret.text for secret in release.secrets_of(course, published)}
    public = replace(release.Settings(), public=(r"^\s*return \[-math",))
    assert squeeze(ANSWER) not in {secret.text for secret in release.secrets_of(made, public)}


def test_a_sentence_of_a_bank_is_a_secret_without_the_line_that_it_stands_on(course):
    """As in the teacher's edition, which tells the reasons for marks in a table."""
    bank = Path(course.root, "answers", "week1.py")
    bank.write_text(
        bank.read_text()
        + 'MARKS = {"clear": (1, "says what it means, but not whom"), "a": ("week1_tests_and_more",)}\n'
    )
    page = b"<td>1</td><td>says what it means, but not whom</td>"
    assert [leak.secret for leak in leaks(course, "a.html", page)] == ["private file answers/week1.py, line 5"]
    assert not leaks(course, "b.html", b"week1_tests_and_more is a name of a cell")
    assert not leaks(course, "c.html", b"The protocol of the bank, in words that everybody may read.")


def test_a_line_of_a_published_chapter_is_no_secret(course):
    """Not so what only an output of it shows."""
    shown = nbformat.v4.new_output("stream", text=HIDDEN)
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"    {ANSWER}", outputs=[shown])])
    nbformat.write(chapter, Path(course.root, "chapters", "one.ipynb"))
    published = replace(release.Settings(), published=("chapters/*.ipynb",))
    secrets = {secret.text for secret in release.secrets_of(course, published)}
    assert squeeze(ANSWER) not in secrets and squeeze(HIDDEN) in secrets


def test_a_leak_stops_the_edition_and_leaves_nothing(course, tmp_path):
    Path(course.root, "datasets", "notes.csv").write_text(f"a,b\n1,{HIDDEN}\n")
    with pytest.raises(release.Leaked) as caught:
        release.make_student_edition(course, [tiny.NAME], tmp_path / "out")
    assert str(caught.value.leaks[0]).startswith(
        "datasets/notes.csv: hidden test of week1/tiny.ipynb, cell double_tests"
    )
    assert HIDDEN not in str(caught.value) and not (tmp_path / "out").exists()


def test_a_whole_cell_is_the_answer_where_nothing_is_fenced(course):
    path = Path(course.root, "source", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")
    source = nbformat.read(path, as_version=4)
    source.cells[2].source = "def double(x):\n    # the model answer without markers\n    return x << 1"
    nbformat.write(source, path)
    assert "#themodelanswerwithoutmarkers" in {secret.text for secret in release.secrets_of(course)}


def test_links_do_not_carry_files_into_the_edition(course, tmp_path):
    (tmp_path / "outside.csv").write_text("private,data\n")
    Path(course.root, "datasets", "linked.csv").symlink_to(tmp_path / "outside.csv")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "deep.csv").write_text("private\n")
    Path(course.root, "datasets", "folder").symlink_to(tmp_path / "more")
    files = release.gather(course, [], release.Settings())
    assert set(files) == {"chapters/one.ipynb", "datasets/people.csv", "requirements.txt"}


def test_settings_come_from_pyproject(course, tmp_path):
    table = Path(course.root, "pyproject.toml")
    include = '["chapters/*.ipynb", "requirements.txt -> setup/needs.txt"]'
    table.write_text(f'[tool.classroom]\ninclude = {include}\nexclude = ["*/one.*"]\n')
    settings = release.Settings.of(Path(course.root))
    assert set(release.gather(course, [], settings)) == {"setup/needs.txt"} and settings.private == release.PRIVATE
    table.write_text('[tool.classroom]\nincludes = ["a"]\n')
    with pytest.raises(ValueError, match="'includes' is not one of include, exclude, private, published, public"):
        release.Settings.of(Path(course.root))
    table.write_text('[tool.classroom]\ninclude = "a"\n')
    with pytest.raises(ValueError, match="must be a list of strings, not 'a'"):
        release.Settings.of(Path(course.root))
    for outside in ("../a.txt", "/a.txt"):
        with pytest.raises(ValueError, match="outside the edition"):
            release.gather(course, [], release.Settings(include=(f"requirements.txt -> {outside}",)))


def test_an_unknown_assignment_is_named(course, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no assignment 'week2' .* there are: week1"):
        release.make_student_edition(course, ["week2"], tmp_path)


def test_nbgrader_says_what_it_does_not_like(course, tmp_path):
    path = Path(course.root, "source", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")
    path.write_text(path.read_text().replace("### END SOLUTION", "### THE END"))
    with pytest.raises(release.CannotGenerate, match=r"could not generate week1 .*no end solution statement found"):
        release.make_student_edition(course, [tiny.NAME], tmp_path)


def test_this_course_gives_nothing_away(tmp_path, monkeypatch):
    """The repository's own course, from a copy, with its own settings."""
    for part in ("nbgrader_config.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / part, tmp_path)
    for part in ("chapters", "exercises", "datasets", "integrated_care", "student", "tests/answers"):
        shutil.copytree(
            ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    course, settings = open_course(tmp_path), release.Settings.of(tmp_path)
    names = sorted(path.name for path in (tmp_path / "exercises").iterdir() if path.is_dir())
    looked_for, secrets_of = [], release.secrets_of
    monkeypatch.setattr(release, "secrets_of", lambda *given: looked_for.extend(secrets_of(*given)) or looked_for)
    path = release.make_student_edition(course, names, tmp_path / "out", settings)
    labels = [secret.label for secret in looked_for]
    for what in ("model answer of", "hidden test of", "private file tests/answers/"):
        assert any(label.startswith(what) for label in labels), what
    with zipfile.ZipFile(path) as archive:
        inside = {name.partition("/")[2] for name in archive.namelist()}
    assert {f"exercises/{name}/{name}.ipynb" for name in names} <= inside
    assert not any("answers" in name or "gradebook" in name for name in inside)


# ---- links


def mended(text: str, book: str = "") -> str:
    data = notebook(cell_type="markdown", source=[text])
    files, moved = {"chapters/one.ipynb", "README.md"}, {"release/week1/week1.ipynb": "exercises/week1/week1.ipynb"}
    return "".join(json.loads(release.mend_links("chapters/one.ipynb", data, files, moved, book))["cells"][0]["source"])


@pytest.mark.parametrize(
    ("text", "without", "within"),
    [
        ("See [that](one.ipynb), [me](../README.md#x), [them](https://example.org/a.md).", None, None),
        ("The [exercise](../release/week1/week1.ipynb).",) + ("The [exercise](../exercises/week1/week1.ipynb).",) * 2,
        ("A **[term](../pages/terms.md#t)**.", "A **term**.", "A **[term](https://b.example/x/pages/terms.html#t)**."),
        ("[(Burt, 1992)](../b.md#b,c)", "(Burt, 1992)", "[(Burt, 1992)](https://b.example/x/b.html#b)"),
        ("![A picture](../pages/p.png) and $[a](b)$ stay.", None, None),
    ],
)
def test_links_lead_into_the_edition_or_to_the_book(text, without, within):
    assert mended(text) == (without or text)
    assert mended(text, "https://b.example/x/") == (within or text)


def test_a_notebook_without_such_links_keeps_its_bytes():
    data = notebook(cell_type="markdown", source="No [link](https://example.org) to mend.")
    assert release.mend_links("chapters/one.ipynb", data, set(), {}, "") is data
