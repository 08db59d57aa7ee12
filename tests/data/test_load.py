"""integrated_care.load: types, missing values, names, freshness and place."""

import ast
import importlib.util
import json
import os
import shutil
import sys

import data_checks as checks
import pandas as pd
import pytest

import integrated_care as ic
from integrated_care import datasets

TABLES = checks.package()
pytestmark = pytest.mark.xdist_group("data")


@pytest.mark.parametrize("name", TABLES)
def test_declared_dtypes(name):
    frame = ic.load(name)
    fields = TABLES[name]["schema"]["fields"]
    assert list(frame.columns) == [field["name"] for field in fields]
    assert list(frame.index) == list(range(len(frame)))
    for field in fields:
        kind, required = str(frame[field["name"]].dtype), field.get("constraints", {}).get("required")
        wanted = {
            "string": {"str", "object"},
            "integer": {"int64"} if required else {"Int64"},
            "number": {"float64"},
            "boolean": {"bool"} if required else {"boolean"},
        }[field["type"]]
        assert kind in wanted, f"{name}.{field['name']} is {kind}"
        if field["type"] == "string":
            assert all(isinstance(value, str) for value in frame[field["name"]].dropna())


@pytest.mark.parametrize("name", TABLES)
def test_only_declared_missing_values_are_missing(name):
    frame, text = ic.load(name), checks.rows(checks.DATASETS, name)
    blank = pd.DataFrame(text) == ""
    assert (frame.isna().to_numpy() == blank.to_numpy()).all()
    assert TABLES[name]["schema"]["missingValues"] == [""]


def test_codes_keep_their_zeros():
    assert ic.load("morocco_regions_census")["region_code"].tolist() == [f"{i:02d}" for i in range(1, 13)]
    assert ic.load("morocco_tta_communes")["commune_code"].iloc[1] == "01.511.01.01"
    assert ic.load("morocco_regions_poverty")["region_code"].isin(["00"]).sum() == 4


def test_accents_and_arabic_survive():
    region = ic.load("morocco_regions_census").iloc[0]
    assert (region["name_fr"], region["name_ar"]) == ("Tanger-Tétouan-Al Hoceima", "طنجة-تطوان-الحسيمة")


def test_all_claims_keep_their_status():
    claims = ic.load("claims")
    assert len(claims) == 139 and claims["check_status"].notna().all()
    assert (claims["check_status"] == "argument").sum() == 52


def test_the_text_na_is_text(room):
    """pandas reads n/a, NA, None and null as missing; a table that does not declare them keeps them."""
    words = ["n/a", "NA", "None", "null", "nan", "-"]
    room({"name": "t", "fields": [{"name": "status", "type": "string"}]}, "status\n" + "\n".join(words) + "\n")
    assert ic.load("t")["status"].tolist() == words


def test_declared_missing_values_and_booleans(room):
    table = {
        "name": "t",
        "missing": ["", "-"],
        "fields": [
            {"name": "n", "type": "integer"},
            {"name": "x", "type": "number"},
            {"name": "yes", "type": "boolean", "constraints": {"required": True}},
            {"name": "maybe", "type": "boolean"},
        ],
    }
    room(table, "n,x,yes,maybe\n1,2,true,false\n-,-,false,-\n")
    frame = ic.load("t")
    assert frame["n"].dtype == "Int64" and frame["n"].isna().tolist() == [False, True]
    assert frame["x"].dtype == "float64" and frame["x"].isna().tolist() == [False, True]
    assert frame["yes"].dtype == bool and frame["yes"].tolist() == [True, False]
    assert str(frame["maybe"].dtype) == "boolean" and frame["maybe"].isna().tolist() == [False, True]


def test_each_call_gives_a_fresh_frame():
    first = ic.load("england_icb_profile")
    first.loc[:, "lsoas"] = 0
    first["extra"] = 1
    first.index = first.index[::-1]
    again = ic.load("england_icb_profile")
    assert again["lsoas"].sum() == 33_755 and "extra" not in again and again.index[0] == 0
    described = ic.describe("england_icb_profile")
    described["schema"]["fields"].clear()
    assert len(ic.describe("england_icb_profile")["schema"]["fields"]) == 20


def test_an_edited_file_is_read_again(room):
    fields = [{"name": "n", "type": "integer", "constraints": {"required": True}}]
    path = room({"name": "t", "fields": fields}, "n\n1\n")
    assert ic.load("t")["n"].tolist() == [1]
    path.write_text("n\n2\n3\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))  # a clock too coarse to see the edit must not hide it
    assert ic.load("t")["n"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("england_icb_profil", "england_icb_profile"),
        ("claims.csv", "claims"),
        ("Glossary", "glossary"),
        ("poverty", "morocco_regions_poverty"),
        ("synth_ma_children", "synth_morocco_children"),
    ],
)
def test_unknown_name_suggests_the_nearest(asked, near):
    for function in (ic.load, ic.describe, ic.is_synthetic):
        with pytest.raises(datasets.UnknownDataset) as caught:
            function(asked)
        assert isinstance(caught.value, KeyError)
        message = str(caught.value)
        assert message.startswith(f'no dataset is called "{asked}". Did you mean "{near}"?')
        assert all(name in message for name in TABLES)


def test_a_name_like_no_other_gets_the_list():
    with pytest.raises(KeyError, match="There are: chapter_numbers, claims, glossary"):
        ic.load("zzzz")
    with pytest.raises(KeyError, match="There are:"):
        ic.load("")


def test_names_and_labels():
    assert ic.names() == list(TABLES)
    assert [name for name in ic.names() if ic.is_synthetic(name)] == [n for n in TABLES if n.startswith("synth_")]
    assert ic.describe("morocco_regions_census")["row_is"] == "one region"


def test_any_working_directory(tmp_path, monkeypatch):
    before = ic.load("glossary")
    datasets._parse.cache_clear()
    datasets._tables.cache_clear()
    monkeypatch.chdir(tmp_path)
    pd.testing.assert_frame_equal(ic.load("glossary"), before)


def test_as_a_wheel_lays_it_out(tmp_path):
    """In a wheel the tables lie in integrated_care/_datasets, and no datasets/ is beside the package."""
    inside = tmp_path / "site-packages" / "integrated_care"
    inside.mkdir(parents=True)
    shutil.copy(datasets.__file__, inside)
    shutil.copytree(checks.DATASETS, inside / "_datasets", ignore=shutil.ignore_patterns("synth_*", "recipes"))
    spec = importlib.util.spec_from_file_location("wheel_datasets", inside / "datasets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pd.testing.assert_frame_equal(module.load("england_icb_tiles"), ic.load("england_icb_tiles"))
    assert module._folder() == inside / "_datasets"


def test_without_tables_the_message_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_FOLDERS", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="install the package again"):
        ic.load("claims")


def test_imports_only_the_standard_library_and_pandas():
    tree = ast.parse((checks.ROOT / "integrated_care" / "datasets.py").read_text(encoding="utf-8"))
    found = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    found |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert found <= set(sys.stdlib_module_names) | {"pandas"}


# ---- files that do not hold what is declared


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A data room with one table: room(table, text) writes it and returns the path of its file."""

    def make(table: dict, text: str):
        schema = {"fields": table["fields"], "missingValues": table.get("missing", [""])}
        resource = {"name": table["name"], "path": f"{table['name']}.csv", "synthetic": False, "schema": schema}
        (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
        path = tmp_path / resource["path"]
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    monkeypatch.setattr(datasets, "_FOLDERS", (tmp_path,))
    return make


NEEDED = {"constraints": {"required": True}}
FIELDS = [
    {"name": "code", "type": "string"} | NEEDED,
    {"name": "pop", "type": "integer"} | NEEDED,
    {"name": "x", "type": "number"},
]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,pop,x\na,1,1\nb,many,2\n", 'datasets/t.csv, row 3, field "pop": "many" is not of type integer'),
        ("code,pop,x\na,1.5,1\n", 'datasets/t.csv, row 2, field "pop": "1.5" is not of type integer'),
        ("code,pop,x\na,1,low\n", 'datasets/t.csv, row 2, field "x": "low" is not of type number'),
        ("code,pop,x\na,,1\n", 'datasets/t.csv, row 2, field "pop": no value where one is required'),
        ("code,pop,x\n,1,1\n", 'datasets/t.csv, row 2, field "code": no value where one is required'),
        ("code,pop,x\na,1,1\nb\n", 'datasets/t.csv, row 3, field "pop": 1 cells where 3 are declared'),
        ("code,pop\na,1\n", 'datasets/t.csv, row 1: field "x" expected as column 3, found nothing'),
        ("code,people,x\na,1,1\n", 'datasets/t.csv, row 1: field "pop" expected as column 2, found "people"'),
    ],
)
def test_damaged_file_is_named(room, text, message):
    room({"name": "t", "fields": FIELDS}, text)
    with pytest.raises(ValueError) as caught:
        ic.load("t")
    assert str(caught.value) == message
