"""The synthetic tables: made again byte for byte, and each calibration target met."""

from collections.abc import Callable

import data_checks as checks
import numpy as np
import pandas as pd
import pytest

from integrated_care import load

TABLES = {name: table for name, table in checks.package().items() if table["synthetic"]}
pytestmark = pytest.mark.xdist_group("data")


@pytest.mark.parametrize("name", TABLES)
def test_recipe_makes_the_file_again(name):
    found = checks.recipe_problems(name)
    assert not found, found[0]


@pytest.mark.parametrize("name", TABLES)
def test_recipe_is_a_pure_function(name):
    recipe = __import__(name)
    first = recipe.make()
    first.iloc[:, -1] = -1
    assert not recipe.make().equals(first)
    assert len(recipe.make()) == TABLES[name]["row_count"]["expected"]


def test_edited_row_is_named(tmp_path):
    text = (checks.DATASETS / "synth_morocco_children.csv").read_text(encoding="utf-8").split("\n")
    text[7] = text[7][:-1] + str(1 - int(text[7][-1]))
    (tmp_path / "synth_morocco_children.csv").write_text("\n".join(text), encoding="utf-8", newline="\n")
    found = checks.recipe_problems("synth_morocco_children", tmp_path)
    assert found and 'datasets/synth_morocco_children.csv, row 8, field "stunted": the file has' in found[0]


def test_truncated_file_is_named(tmp_path):
    text = (checks.DATASETS / "synth_england_areas.csv").read_text(encoding="utf-8").split("\n")
    (tmp_path / "synth_england_areas.csv").write_text("\n".join(text[:101]) + "\n", encoding="utf-8", newline="\n")
    found = checks.recipe_problems("synth_england_areas", tmp_path)
    assert found == ['datasets/synth_england_areas.csv, row 102, field "area": 100 rows, the recipe makes 3000']


# ---- calibration: one function a target, written apart from the recipes


def core20(areas: pd.DataFrame) -> pd.Series:
    """True where the midpoint of the cumulative population, most deprived first, is within 20%."""
    ordered = areas.sort_values(["imd_score", "area"], ascending=[False, True])
    midpoint = (ordered["pop"].cumsum() - ordered["pop"] / 2) / ordered["pop"].sum()
    return (midpoint <= 0.20 + 1e-12).reindex(areas.index)


def share(flag: pd.Series, weight: pd.Series) -> float:
    return float(weight[flag].sum() / weight.sum())


def tenths_ratio(areas: pd.DataFrame, per: str) -> float:
    totals = areas.groupby("imd_decile")[["emerg_adm", per]].sum()
    rate = totals["emerg_adm"] / totals[per]
    return float(rate[1] / rate[10])


def homes(persons: pd.DataFrame) -> pd.DataFrame:
    areas = load("synth_england_areas")
    return persons.merge(areas.assign(core20=core20(areas)), on="area", validate="many_to_one")


def risk_difference(persons: pd.DataFrame) -> float:
    risk = persons.groupby("income_deprived")["emergency_admission"].mean()
    return float(risk[1] - risk[0])


def ecological_slope(persons: pd.DataFrame) -> float:
    tenths = homes(persons).groupby("imd_decile")[["income_deprived", "emergency_admission"]].mean()
    return float(np.polyfit(tenths["income_deprived"], tenths["emergency_admission"], 1)[0])


def within_tenths(persons: pd.DataFrame) -> float:
    """The person coefficient with a constant for each tenth (Frisch-Waugh)."""
    table = homes(persons)
    x, y = (
        table[c] - table.groupby("imd_decile")[c].transform("mean") for c in ("income_deprived", "emergency_admission")
    )
    return float((x * y).sum() / (x * x).sum())


def concentration(children: pd.DataFrame) -> float:
    rank = (children["wealth_score"].rank() - 0.5) / len(children)
    return float(2 * np.cov(children["stunted"], rank, ddof=0)[0, 1] / children["stunted"].mean())


def within_trusts_and_years(panel: pd.DataFrame, x: str) -> float:
    """The slope with a constant for each trust and each year, by dummies."""
    dummies = pd.get_dummies(panel[["trust", "year"]], columns=["trust", "year"], dtype=float)
    columns = np.column_stack([panel[x], dummies])
    return float(np.linalg.lstsq(columns, panel["within_four_hours_pct"], rcond=None)[0][0])


def of_people(cells: pd.DataFrame, where: dict[str, str], among: dict[str, str] | None = None) -> float:
    """Share of the people, among those of some cells, who are in others."""
    base = cells[(cells[list(among)] == pd.Series(among)).all(axis=1)] if among else cells
    return float(base.loc[(base[list(where)] == pd.Series(where)).all(axis=1), "people"].sum() / base["people"].sum())


def defect(cells: pd.DataFrame) -> float:
    """Correlation of answering and unmet need over all persons, by its definition for two yes-or-no variables."""
    people, answered, unmet = (cells[c].sum() for c in ("people", "sms_answers", "unmet"))
    p, q = answered / people, unmet / people
    return float((cells["sms_unmet"].sum() / people - p * q) / np.sqrt(p * (1 - p) * q * (1 - q)))


def gini(values: pd.Series) -> float:
    x = values.to_numpy()
    return float(np.abs(np.subtract.outer(x, x)).mean() / (2 * x.mean()))


def slope_of(areas: pd.DataFrame, values: pd.Series) -> float:
    """Change of the values per point of deprivation, weighted with people (numpy squares the weights that it is given)."""
    return float(np.polyfit(areas["imd_score"], values, 1, w=np.sqrt(areas["population"]))[0])


def ward(months: pd.DataFrame, name: str) -> pd.Series:
    """The share of each month of one ward, in order."""
    rows = months[months["ward"] == name].sort_values("month")
    return rows["num"].div(rows["den"]).reset_index(drop=True)


def out_of_the_ordinary(share: pd.Series) -> int:
    """Months beyond 2.66 mean moving ranges, and runs of eight on one side of the mean."""
    above = share > share.mean()
    runs = above.ne(above.shift()).cumsum().value_counts()
    return int(((share - share.mean()).abs() > 2.66 * share.diff().abs().mean()).sum() + (runs >= 8).sum())


def against_chance(months: pd.DataFrame, names: list[str]) -> float:
    """Mean squared distance of the months from the ward's own share, in binomial standard deviations."""
    found = []
    for name in names:
        rows = months[months["ward"] == name]
        share = rows["num"].sum() / rows["den"].sum()
        found += list((rows["num"] / rows["den"] - share) ** 2 * rows["den"] / (share * (1 - share)))
    return float(np.mean(found))


def last_quarter(regions: pd.DataFrame) -> pd.DataFrame:
    """Women of each region in the last three months, their share and how many standard deviations it is from all."""
    months = sorted(regions["month"].unique())[-3:]
    table = regions[regions["month"].isin(months)].groupby("region")[["num", "den"]].sum()
    usual = table["num"].sum() / table["den"].sum()
    share = table["num"] / table["den"]
    return table.assign(share=share, z=(share - usual) / np.sqrt(usual * (1 - usual) / table["den"]))


def excess_before(minutes: pd.DataFrame, cut: int, width: int) -> float:
    count = minutes["patients"].to_numpy()
    return float((count[cut - width : cut].sum() - count[cut - 2 * width : cut - width].sum()) / count.sum())


def by_meeting(proposals: pd.DataFrame) -> pd.DataFrame:
    """Rung, proposals and adopted proposals of each meeting."""
    return proposals.groupby("meeting").agg(
        rung=("rung", "first"), made=("adopted", "count"), adopted=("adopted", "sum")
    )


def for_show(proposals: pd.DataFrame) -> float:
    table = by_meeting(proposals)
    middle = (table["rung"] >= 3) & (table["rung"] <= 5) & (table["made"] > 0)
    return float((middle & (table["adopted"] < 0.1 * table["made"])).mean())


def agreement(codes: pd.DataFrame, cost: np.ndarray) -> float:
    seen = np.zeros((8, 8))
    np.add.at(seen, (codes["rung_a"] - 1, codes["rung_b"] - 1), codes["comments"])
    seen /= seen.sum()
    return float(1 - (cost * seen).sum() / (cost * np.outer(seen.sum(axis=1), seen.sum(axis=0))).sum())


def fall(people: pd.DataFrame, team: str) -> float:
    visited = people.query("team == @team and visited == 1")
    return float(visited["y1"].sum() / visited["y0"].sum() - 1)


def against_same_rule(people: pd.DataFrame, team: str, weight: float) -> float:
    """Those whom a team visits, against those whom its rule would pick where no team works."""
    score = sum(
        w * (people[c] - people[c].mean()) / people[c].std(ddof=0) for c, w in {"y0": weight, "efi": 1 - weight}.items()
    )
    last = score[(people["team"] == team) & (people["picked"] == 1)].min()
    others = people[(people["team"] == "none") & (score >= last)]
    return float((1 + fall(people, team)) / (others["y1"].sum() / others["y0"].sum()) - 1)


APART = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))


def covered(households: pd.DataFrame, regime: str) -> float:
    """Share of people, not of households, in a regime."""
    return share(households["regime"] == regime, households["size"])


def partner_cheaper(projects: pd.DataFrame, transferred: float | None = None) -> int:
    """Projects whose partner is the cheaper way at 5%, by a sum over years; ``None``: transferred as the contract says."""
    borne = projects["transferred_stated"] if transferred is None else transferred
    risk = projects["p_overrun"] * projects["overrun"] * projects["public"]
    yearly = (projects["public"] + risk) - (projects["ppp"] + (1 - borne) * risk)
    return int(((yearly / 1.05 ** projects["year"]).groupby(projects["project"]).sum() > 0).sum())


def beyond_by_road(settlements: pd.DataFrame, detour: str, cut: float = 10) -> pd.Series:
    """True where a rural settlement is more than ``cut`` km by road from every health centre, one pair after the other."""
    centres = load("synth_facilities").query("kind == 'health_centre'")
    there = list(zip(centres["x_km"], centres["y_km"], strict=True))
    nearest = [
        min(((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in there)
        for x, y in zip(settlements["x_km"], settlements["y_km"], strict=True)
    ]
    return settlements["rural"] & (settlements[detour] * nearest > cut)


def rural_share(settlements: pd.DataFrame, flag: pd.Series) -> float:
    rural = settlements["rural"]
    return share(flag[rural], settlements["pop"][rural])


def rural_without_doctor(facilities: pd.DataFrame) -> float:
    rural = facilities["settlement"].map(load("synth_region_settlements").set_index("settlement")["rural"])
    return float((facilities["doctors"][rural.astype(bool)] == 0).mean())


def covered_by_forty(exact: pd.DataFrame) -> float:
    settlements = load("synth_region_settlements")
    far = settlements["pop"][beyond_by_road(settlements, "detour_30")].sum()
    return float(exact.set_index("posts")["covered"][40] / far)


def admitted(stays: pd.DataFrame, fifth: int) -> float:
    """Share of one fifth of the register that has a stay."""
    register = load("synth_gp")
    return float(register[register["fifth"] == fifth]["person"].isin(stays["person"]).mean())


def in_both(stays: pd.DataFrame) -> pd.DataFrame:
    """The patients who are in the register, with both records side by side: columns ending in _a (register) and _b."""
    return load("synth_gp").merge(stays, on="person", suffixes=("_a", "_b"))


def change_of_sharers(panel: pd.DataFrame) -> float:
    """What sharing changed, mean over the sharing trusts: their change minus that of trusts that never share."""
    wide = panel.pivot(index="quarter", columns="trust", values="breach_pct")
    starts = panel.groupby("trust")["shares_from"].first().dropna().astype(int)
    never = wide.drop(columns=starts.index).mean(axis=1)
    changes = []
    for trust, start in starts.items():
        apart = wide[trust] - never
        changes.append(apart[apart.index >= start].mean() - apart[apart.index < start].mean())
    return float(np.mean(changes))


def by_worker(visits: pd.DataFrame) -> pd.DataFrame:
    """Minutes of road for a visit, and visits for a client in the year, of each worker."""
    rows = visits.groupby("worker").agg(
        road=("travel_min", "sum"), visits=("visits", "sum"), clients=("clients", "first")
    )
    return pd.DataFrame({"road": rows["road"] / rows["visits"], "seen": rows["visits"] / rows["clients"]})


def far_to_near(visits: pd.DataFrame) -> float:
    quarter = by_worker(visits).sort_values("road")["seen"].groupby(np.arange(240) // 60).mean()
    return float(quarter[3] / quarter[0])


def with_workers(women: pd.DataFrame) -> pd.Series:
    return (women["start"].fillna(99) <= women["quarter"]).astype(bool)


def staged(women: pd.DataFrame) -> float:
    """Each start and quarter beside the communes that start later, by a loop over the definition."""
    cell = women.groupby(["commune", "quarter"])["facility_birth"].mean().unstack()
    start = women.groupby("commune")["start"].first().fillna(99)
    found = []
    for first in (3, 5, 7):
        for quarter in range(first, 9):
            change = cell[quarter] - cell[first - 1]
            found.append(change[start == first].mean() - change[start > quarter].mean())
    return float(np.mean(found))  # fourteen communes start each time


def before_after(women: pd.DataFrame) -> float:
    ever = women[women["start"].notna()]
    births = ever.groupby(with_workers(ever))["facility_birth"].mean()
    return float(births[True] - births[False])


def median_by_hand(tickets: pd.DataFrame, channel: str) -> float:
    """The first day on which at most half are open, by a loop over the days."""
    rows, still_open = tickets[tickets["channel"] == channel], 1.0
    for day in sorted(rows.loc[rows["closed"] == 1, "days"].unique()):
        here = rows["days"] >= day
        still_open *= 1 - ((rows["days"] == day) & (rows["closed"] == 1)).sum() / here.sum()
        if still_open <= 0.5:
            return float(day)
    return float("inf")


def kept(promises: pd.DataFrame, way: str, provinces: list[str]) -> float:
    rows = promises[(promises["way"] == way) & promises["province"].isin(provinces)]
    return float(rows["kept"].sum() / (rows["kept"] + rows["broken"]).sum())


def twins(queue: pd.DataFrame) -> float:
    """Share of patients whose morning, arrival and severity hold as many of the one language as of the other."""
    both = queue.groupby(["day", "arrival", "severity"])["match"].transform("mean")
    return float((both == 0.5).mean())


def whole(areas: pd.DataFrame, by: str) -> list[str]:
    """The councils or unitaries of which no board but one holds half a per cent of the people or more."""
    held = areas.pivot_table(index=by, columns="board", values="people", aggfunc="sum", fill_value=0)
    shares = held.div(held.sum(axis=1), axis=0)
    return shares.index[(shares >= 0.005).sum(axis=1) == 1].tolist()


def pairs_of_boards(areas: pd.DataFrame) -> pd.Series:
    """Each area's board, joined with the one above or below it."""
    return areas["board"].replace({"Elm": "Alder", "Hazel": "Birch", "Maple": "Cedar"})


def bits_apart(areas: pd.DataFrame, first: pd.Series, second: pd.Series) -> float:
    """Variation of information as twice the entropy of the overlap less those of the two maps."""

    def bits(*by: pd.Series) -> float:
        p = areas["people"].groupby(list(by)).sum() / areas["people"].sum()
        return float(-(p * np.log2(p)).sum())

    return 2 * bits(first, second) - bits(first) - bits(second)


def with_controls(panel: pd.DataFrame) -> pd.DataFrame:
    """The months in which some region has not started."""
    return panel[panel["month"] < panel["go_live"].max()]


def two_way(panel: pd.DataFrame) -> float:
    """The slope on being live, with dummies for provinces and months."""
    live = (panel["month"] >= panel["go_live"]).astype(float)
    dummies = [pd.get_dummies(panel[key], dtype=float).to_numpy() for key in ("province", "month")]
    design = np.column_stack([live, *dummies])
    return float(np.linalg.lstsq(design, panel["referral_completed"].to_numpy(), rcond=None)[0][0])


def group_time(panel: pd.DataFrame) -> float:
    """Changes since the month before the start beside provinces that have not started, over all such cells."""
    wide = panel.pivot(index="province", columns="month", values="referral_completed")
    start = panel.groupby("province")["go_live"].first()
    total = count = 0
    for month in range(1, int(start.max())):
        for first in sorted(start[start <= month].unique()):
            change = wide[month] - wide[first - 1]
            own = start == first
            total += own.sum() * (change[own].mean() - change[start > month].mean())
            count += own.sum()
    return float(total / count)


MEASURES: dict[str, dict[str, Callable[[pd.DataFrame], float]]] = {
    "synth_england_areas": {
        "core20_population_share": lambda t: share(core20(t), t["pop"]),
        "two_deciles_population_share": lambda t: share(t["imd_decile"] <= 2, t["pop"]),
        "coastal_region_core20_share": lambda t: share(
            core20(t)[t["icb_like"] == "ICB-17"], t["pop"][t["icb_like"] == "ICB-17"]
        ),
        "admission_rate_ratio": lambda t: tenths_ratio(t, "expected_adm"),
        "crude_admission_rate_ratio": lambda t: tenths_ratio(t, "pop"),
        "income_deprived_in_core20": lambda t: share(core20(t), t["pop"] * t["income_deprived_pct"]),
        "regions": lambda t: t["icb_like"].nunique(),
    },
    "synth_england_persons": {
        "income_deprived_in_core20": lambda t: share(homes(t)["core20"], homes(t)["income_deprived"]),
        "core20_person_share": lambda t: float(homes(t)["core20"].mean()),
        "person_risk_difference": risk_difference,
        "ecological_slope": ecological_slope,
        "within_decile_risk_difference": within_tenths,
    },
    "synth_morocco_children": {
        "stunted_rural": lambda t: float(t["stunted"][t["rural"] == 1].mean()),
        "stunted_urban": lambda t: float(t["stunted"][t["rural"] == 0].mean()),
        "stunted_all": lambda t: float(t["stunted"].mean()),
        "concentration_index": concentration,
    },
    "synth_households_ma": {
        "over_a_tenth": lambda t: float((t["oop"] / t["consumption"] > 0.1).mean()),
        "over_40_of_nonfood": lambda t: float((t["oop"] / (t["consumption"] - t["food"]) > 0.4).mean()),
        "budget_share": lambda t: float((t["oop"] / t["consumption"]).mean()),
        "tadamon": lambda t: covered(t, "tadamon"),
        "self_employed": lambda t: covered(t, "self_employed"),
        "outside_cnss": lambda t: covered(t, "outside_cnss"),
        "private_employees": lambda t: covered(t, "private_employees"),
        "none": lambda t: covered(t, "none"),
        "urban": lambda t: share(t["area"] == "urban", t["size"]),
        "size": lambda t: float(t["size"].mean()),
    },
    "synth_ppp_projects": {
        "projects": lambda t: t["project"].nunique(),
        "cheaper_as_stated": partner_cheaper,
        "cheaper_without_transfer": lambda t: partner_cheaper(t, 0.0),
    },
    "synth_gp": {
        "no_number": lambda t: float(t["id_number"].isna().mean()),
        "no_number_deprived": lambda t: float(t[t["fifth"] == 1]["id_number"].isna().mean()),
        "no_number_rich": lambda t: float(t[t["fifth"] == 5]["id_number"].isna().mean()),
        "no_number_rural_women": lambda t: float(
            t[(t["area"] == "rural") & (t["sex"] == "F")]["id_number"].isna().mean()
        ),
    },
    "synth_hospital": {
        "in_register": lambda t: int(t["person"].isin(load("synth_gp")["person"]).sum()),
        "ratio": lambda t: admitted(t, 1) / admitted(t, 5),
        "arabic": lambda t: float((t["given"] + t["family"]).str.contains("[\u0621-\u064a]").mean()),
        "first_of_january": lambda t: float(t["born"].str.endswith("-01-01").mean()),
        "moved": lambda t: float(in_both(t).eval("commune_a != commune_b").mean()),
    },
    "synth_shcr_maturity": {
        "systems": lambda t: t["system"].nunique(),
        "live": lambda t: int((t.groupby("system")["coverage"].max() > 0).sum()),
        "social_care_median": lambda t: float(t[t["organisation"] == "social_care"]["coverage"].median()),
        "useful": lambda t: int(
            (t[(t["organisation"] == "social_care") & (t["coverage"] >= 0.5)].groupby("system").size() == 5).sum()
        ),
    },
    "synth_hie_panel": {
        "trusts": lambda t: t["trust"].nunique(),
        "sharing": lambda t: t[t["shares_from"].notna()]["trust"].nunique(),
        "effect": lambda t: change_of_sharers(t),
    },
    "synth_trust_panel": {
        "managers_pct_mean": lambda t: float(t["managers_pct"].mean()),
        "pooled_slope_of_quantity": lambda t: float(np.polyfit(t["managers_pct"], t["within_four_hours_pct"], 1)[0]),
        "within_slope_of_quantity": lambda t: within_trusts_and_years(t, "managers_pct"),
        "within_slope_of_quality": lambda t: within_trusts_and_years(t, "management_quality"),
    },
    "synth_quality_monthly": {
        "nurse_reds": lambda t: int((ward(t, "W4").tail(2) < 0.92 - 0.015).sum()),
        "nurse_signals": lambda t: out_of_the_ordinary(ward(t, "W4")),
        "worse_and_green": lambda t: float((ward(t, "W6").tail(9) >= 0.92).mean()),
        "improvement": lambda t: float(ward(t, "W2")[24:].mean() - ward(t, "W2")[:24].mean()),
        "steady_dispersion": lambda t: against_chance(t, ["W1", "W3", "W4", "W7"]),
    },
    "synth_region_quality": {
        "small_regions": lambda t: int((t.groupby("region")["den"].mean() < 25).sum()),
        "phi": lambda t: float((last_quarter(t)["z"] ** 2).mean()),
        "usual_share": lambda t: float(t["num"].sum() / t["den"].sum()),
        "last_is_small": lambda t: float(last_quarter(t).sort_values("share")["den"].iloc[0]),
    },
    "synth_cohort": {
        "naive_a": lambda t: fall(t, "A"),
        "naive_b": lambda t: fall(t, "B"),
        "visited_a": lambda t: int((t["team"] == "A").mul(t["visited"]).sum()),
        "visited_b": lambda t: int((t["team"] == "B").mul(t["visited"]).sum()),
        "picked": lambda t: int(t.groupby("team")["picked"].sum().drop("none").max()),
        "mean": lambda t: float(t["y_minus2"].mean()),
        "shape": lambda t: float(t["y_minus2"].mean() ** 2 / (t["y_minus2"].var() - t["y_minus2"].mean())),
        "efi_mean": lambda t: float(t["efi"].mean()),
        "same_rule_a": lambda t: against_same_rule(t, "A", 0.47),
        "same_rule_b": lambda t: against_same_rule(t, "B", 0.37),
        "fracture_share": lambda t: float(t["fractures0"].sum() / t["y0"].sum()),
    },
    "synth_ae_minutes": {
        "visits": lambda t: int(t["patients"].sum()),
        "within_four_hours": lambda t: share(t["minute"] < 240, t["patients"]),
        "excess": lambda t: excess_before(t, 240, 20),
    },
    "synth_region_settlements": {
        "people": lambda t: int(t["pop"].sum()),
        "rural_people": lambda t: int(t["pop"][t["rural"]].sum()),
        "beyond_30": lambda t: rural_share(t, beyond_by_road(t, "detour_30")),
        "beyond_25": lambda t: rural_share(t, beyond_by_road(t, "detour_25")),
        "women_children": lambda t: float(t["women_children"][t["rural"]].sum() / t["pop"][t["rural"]].sum()),
        "detour": lambda t: float(t["detour_30"][t["rural"]].mean()),
    },
    "synth_facilities": {
        "health_centres": lambda t: int((t["kind"] == "health_centre").sum()),
        "hospitals": lambda t: int((t["kind"] != "health_centre").sum()),
        "doctors": lambda t: int(t["doctors"].sum() + t["private_doctors"].sum()),
        "public_doctors": lambda t: int(t["doctors"].sum()),
        "centre_doctors": lambda t: int(t["doctors"][t["kind"] == "health_centre"].sum()),
        "rural_without": rural_without_doctor,
    },
    "synth_birth_lists": {
        "douars": len,
        "did_not_come": lambda t: float(1 - t["came"].sum() / t["expected"].sum()),
        "behind_river": lambda t: share(t["river"], t["expected"] - t["came"]),
    },
    "synth_posts_exact": {"forty": covered_by_forty},
    "synth_region_maps": {
        "people": lambda t: int(t["people"].sum()),
        "halved": lambda t: 1 - share(t["council"].isin(whole(t, "council")), t["people"]),
        "sliver": lambda t: share(t["board"] == "Birch", t["people"].where(t["council"] == "Netherby", 0)),
        "whole_unitaries": lambda t: len(whole(t, "unitary")),
        "first_later_map": lambda t: bits_apart(t, pairs_of_boards(t), t["authority_a"]),
        "second_later_map": lambda t: bits_apart(t, pairs_of_boards(t), t["authority_b"]),
        "third_later_map": lambda t: bits_apart(t, pairs_of_boards(t), t["authority_c"]),
        "one_trust": lambda t: int((t.groupby("board")["acute_trusts"].sum() == 1).sum()),
    },
    "synth_voice_cells": {
        "people": lambda t: int(t["people"].sum()),
        "sms_answers": lambda t: int(t["sms_answers"].sum()),
        "urban_share": lambda t: of_people(t, {"area": "urban"}),
        "cannot_read_urban": lambda t: of_people(t, {"reads": "no"}, {"area": "urban"}),
        "cannot_read_rural": lambda t: of_people(t, {"reads": "no"}, {"area": "rural"}),
        "amazigh_urban": lambda t: of_people(t, {"amazigh": "yes"}, {"area": "urban"}),
        "amazigh_rural": lambda t: of_people(t, {"amazigh": "yes"}, {"area": "rural"}),
        "sixty_share": lambda t: of_people(t, {"age": "60_plus"}),
        "unmet_share": lambda t: float(t["unmet"].sum() / t["people"].sum()),
        "defect": defect,
    },
    "synth_voice_panel": {
        "urban_share": lambda t: float((t["area"] == "urban").mean()),
        "cannot_read_share": lambda t: float((t["reads"] == "no").mean()),
        "amazigh_share": lambda t: float((t["amazigh"] == "yes").mean()),
        "unmet_share": lambda t: float(t["unmet"].mean()),
    },
    "synth_voice_random": {
        "urban_share": lambda t: float((t["area"] == "urban").mean()),
        "unmet_share": lambda t: float(t["unmet"].mean()),
    },
    "synth_committee_members": {
        "meetings": lambda t: t["meeting"].nunique(),
        "turns": lambda t: int(t["turns"].sum()),
        "resident_members": lambda t: float((t["role"] == "resident").mean()),
        "resident_minutes": lambda t: float(t["minutes"][t["role"] == "resident"].sum() / t["minutes"].sum()),
        "gini": lambda t: gini(t.groupby("member")["minutes"].sum()),
    },
    "synth_committee_proposals": {
        "meetings": lambda t: t["meeting"].nunique(),
        "without_proposals": lambda t: int((by_meeting(t)["made"] == 0).sum()),
        "partnership": lambda t: float((by_meeting(t)["rung"] >= 6).mean()),
        "tokenistic": for_show,
        "resident_adoption": lambda t: float(t["adopted"][t["proposer"] == "resident"].mean()),
    },
    "synth_comment_codes": {
        "comments": lambda t: int(t["comments"].sum()),
        "kappa": lambda t: agreement(t, APART > 0),
        "kappa_linear": lambda t: agreement(t, APART / 7),
    },
    "synth_chw_visits": {
        "workers": lambda t: t["worker"].nunique(),
        "centres": lambda t: t["centre"].nunique(),
        "provinces": lambda t: t["province"].nunique(),
        "regions": lambda t: t["region"].nunique(),
        "clients": lambda t: float(t.groupby("worker")["clients"].first().mean()),
        "papers": lambda t: float(t["admin_min"].sum() / (60 * t["hours"].sum())),
        "far_to_near": far_to_near,
    },
    "synth_pregnancies": {
        "communes": lambda t: t["commune"].nunique(),
        "facility": lambda t: float((t["facility_birth"] - 0.05 * with_workers(t)).mean()),
        "effect": staged,
        "before_after": before_after,
        "largest_loss": lambda t: float(((t["anc1"] == 1) & (t["anc4"] == 0)).mean()),
        "weakest": lambda t: float(t.loc[t[["anc1", "anc4", "facility_birth"]].all(axis=1), "pnc"].mean()),
    },
    "synth_tickets": {
        "box_closed": lambda t: float(t.loc[t["channel"] == "box", "closed"].mean()),
        "worker_median": lambda t: median_by_hand(t, "worker"),
        "counter_median": lambda t: median_by_hand(t, "counter"),
        "box_mean_of_closed": lambda t: float(
            t[t["closed"] == 1].groupby("channel")["days"].mean()[["box", "worker"]].diff().iloc[1] * -1
        ),
    },
    "synth_workshops": {
        "kept_there": lambda t: kept(t, "workshop", ["P1", "P2", "P3"]),
        "kept_elsewhere": lambda t: kept(t, "workshop", ["P4", "P5", "P6"]),
        "by_letter": lambda t: kept(t, "letter", [f"P{i}" for i in range(1, 7)]),
    },
    "synth_queue": {
        "pairs": twins,
        "patience": lambda t: float(t["patience"][t["match"] == 1].mean() / t["patience"][t["match"] == 0].mean()),
    },
    "synth_care_costs": {
        "above_50": lambda t: float((t["cost_gbp_k"] > 50).mean()),
        "above_100": lambda t: float((t["cost_gbp_k"] > 100).mean()),
        "no_cost": lambda t: float((t["cost_gbp_k"] == 0).mean()),
        "mean_cost": lambda t: float(t["cost_gbp_k"].mean()),
        "own_nothing": lambda t: float((t["wealth_gbp_k"] == 0).mean()),
        "median_wealth": lambda t: float(t["wealth_gbp_k"][t["wealth_gbp_k"] > 0].median()),
    },
    "synth_la_grant": {
        "before": lambda t: float(np.average(t["per_head_2015_16"], weights=t["population"])),
        "after": lambda t: float(np.average(t["per_head_2025_26"], weights=t["population"])),
        "slope_of_cut": lambda t: slope_of(t, t["per_head_2015_16"] - t["per_head_2025_26"]),
        "slope_of_share": lambda t: slope_of(t, 1 - t["per_head_2025_26"] / t["per_head_2015_16"]),
    },
    "synth_discharge": {
        "per_day": lambda t: len(t) / 182,
        "care_home_share": lambda t: float((t["to"] == "care_home").mean()),
        "mean_delay": lambda t: float((t["left_day"] - t["ready_day"]).mean()),
        "care_home_days": lambda t: share(t["to"] == "care_home", t["left_day"] - t["ready_day"]),
    },
    "synth_gst_panel": {
        "truth": lambda t: float(with_controls(t).query("month >= go_live")["true_effect"].mean()),
        "two_way": lambda t: two_way(with_controls(t)),
        "group_time": group_time,
        "ahead": lambda t: float(
            t[t["month"] < 13].groupby("region")["referral_completed"].mean()[["R12", "R01"]].diff().iloc[1]
        ),
    },
    "synth_donor_profile": {
        "here": lambda t: float(np.average(t["effect"], weights=t["people"])),
        "few": lambda t: share((t["lives"] == "village") & ~t["reads"], t["people"]),
    },
}
TARGETS = [(name, target) for name, table in TABLES.items() for target in table["calibration"]]


def test_every_target_is_measured():
    assert {(name, target["target"]) for name, target in TARGETS} == {(n, t) for n, ts in MEASURES.items() for t in ts}


@pytest.mark.parametrize(("name", "target"), TARGETS, ids=[f"{n}-{t['target']}" for n, t in TARGETS])
def test_calibration(name, target, record_property):
    value = MEASURES[name][target["target"]](load(name))
    record_property("achieved", value)
    away = abs(value - target["expected"])
    assert away <= target["tolerance"] + 1e-12, (
        f"{name}: {target['description']} is {value:.4f}; {target['expected']} +/- {target['tolerance']} "
        f"wanted ({target['source']})"
    )


# ---- what the tables are for


def test_areas_alone_exaggerate_what_poverty_does_to_a_person():
    persons = load("synth_england_persons")
    assert ecological_slope(persons) > 4 * risk_difference(persons) > 0


def test_tenths_of_areas_are_not_tenths_of_people():
    areas = load("synth_england_areas")
    assert areas["imd_decile"].value_counts().eq(300).all()
    assert (core20(areas) != (areas["imd_decile"] <= 2)).sum() > 5
    by_region = [share(t["core20"], t["pop"]) for _, t in areas.assign(core20=core20(areas)).groupby("icb_like")]
    assert min(by_region) < 0.05 and max(by_region) > 0.40  # no region need hold a fifth


def test_the_coast_is_the_same_in_both_tables():
    both = homes(load("synth_england_persons"))
    assert (both["coastal"] == both["coastal_resident"]).all()


def test_overlap_changes_which_group_reaches_most():
    """Alone, minority_ethnic reaches more of the missed than coastal_resident; after vulnerable_migrant, fewer."""
    both = homes(load("synth_england_persons"))
    missed = both[~both["core20"]]

    def reach(flag: str, rows: pd.DataFrame) -> float:
        return float(rows.loc[rows[flag] == 1, "income_deprived"].mean())

    assert reach("minority_ethnic", missed) > reach("coastal_resident", missed)
    rest = missed[(missed["vulnerable_migrant"] == 0) & (missed["homeless"] == 0)]
    assert reach("minority_ethnic", rest) < reach("coastal_resident", rest)


def test_children_depend_on_wealth_sanitation_and_school():
    table = load("synth_morocco_children")
    factors = ["wealth_score", "rural", "sanitation", "mother_school", "distance_km"]
    x = np.column_stack([np.ones(len(table)), *(table[f] for f in factors)])
    beta = dict(zip(factors, np.linalg.lstsq(x, table["stunted"], rcond=None)[0][1:], strict=True))
    assert beta["wealth_score"] < 0 and beta["sanitation"] < 0 and beta["mother_school"] < 0 and beta["distance_km"] > 0


# ---- chapter 4: what its tables are for


def test_the_targets_of_the_households_are_what_the_real_tables_say():
    targets = {t["target"]: t["expected"] for t in TABLES["synth_households_ma"]["calibration"]}
    published = load("morocco_catastrophic_spending").set_index("id")["value_pct"] / 100
    assert targets["over_a_tenth"] == published["che10"] and targets["over_40_of_nonfood"] == published["che40_nonfood"]
    assert targets["budget_share"] == published["budget_share_2014"]
    census = load("morocco_regions_census")
    people = census["pop_2024"].sum()
    assert targets["size"] == pytest.approx(people / census["households_2024"].sum(), abs=0.005)
    amo = load("morocco_amo_coverage")
    latest = amo[(amo["measure"] == "beneficiaries") & (amo["date"] == "2025")].set_index("regime")["value"] / people
    assert targets["tadamon"] == pytest.approx(latest["AMO Tadamon"], abs=0.001)
    assert targets["self_employed"] == pytest.approx(latest["AMO TNS (self-employed)"], abs=0.001)
    assert targets["none"] == pytest.approx(1 - latest["all AMO regimes"], abs=0.001)
    outside = latest[[regime for regime in latest.index if regime.startswith("outside CNSS")]].sum()
    assert targets["outside_cnss"] == pytest.approx(outside, abs=0.001)


def test_those_without_insurance_pay_all_of_smaller_bills():
    households = load("synth_households_ma")
    none = households["regime"] == "none"
    assert (households["oop"] == households["bill"])[none].all()
    assert (households["oop"] <= households["bill"]).all()
    assert (households["food"] + households["oop"] <= households["consumption"]).all()
    relative = households["bill"] / households["consumption"]
    assert relative[none].median() < 0.8 * relative[~none].median()


def test_coverage_is_not_protection_and_neither_is_it_nothing():
    households = load("synth_households_ma")
    paid, whole = (households[c] / households["consumption"] > 0.1 for c in ("oop", "bill"))
    poor, none = households["regime"] == "tadamon", households["regime"] == "none"
    assert paid[poor].mean() > paid[none].mean()  # insured, and yet more often hit
    assert whole[poor].mean() > 1.5 * paid[poor].mean()  # and far more often without


def test_most_partners_save_on_paper_and_most_do_not_with_half_of_the_risk():
    projects = load("synth_ppp_projects")
    assert partner_cheaper(projects, 0.5) < 15 < partner_cheaper(projects, 1.0)
    assert (projects.groupby("project")["public"].first() > 0).all()
    assert (projects.loc[projects["year"] < 2, "ppp"] == 0).all()  # a partner is paid later


# ---- chapter 8: what its tables are for


def test_whoever_has_no_number_has_weak_papers_altogether():
    both = in_both(load("synth_hospital"))
    lacks = both["id_number_a"].isna()
    assert (both["id_number_b"].isna() == lacks).all()  # missing in one place, missing in the other
    for differs in (both["born_a"] != both["born_b"], both["commune_a"] != both["commune_b"]):
        assert differs[lacks].mean() > 2 * differs[~lacks].mean() > 0


def test_another_seed_gives_other_people():
    recipe = __import__("people")
    register, stays = recipe.people(1)
    ours = load("synth_gp")
    assert not set(register["id_number"].dropna()) - {""} <= set(ours["id_number"].dropna())
    assert len(register) == len(ours) and len(stays) == len(load("synth_hospital"))
    assert recipe.people(1)[0].equals(register)


# ---- chapter 9: what its tables are for


CELL = ["area", "sex", "age", "reads", "amazigh"]


def test_the_margins_are_those_of_the_real_census():
    regions, cells = load("morocco_regions_census"), load("synth_voice_cells")
    people = regions["pop_municipal_2024"]
    urban = regions["pop_urban_municipal_2024"].sum() / people.sum()
    assert of_people(cells, {"area": "urban"}) == pytest.approx(urban, abs=0.001)
    illiterate = np.average(regions["illiteracy_10plus_pct_2024"], weights=people) / 100
    assert of_people(cells, {"reads": "no"}) == pytest.approx(illiterate, abs=0.001)
    old = np.average(regions["age_60plus_pct"], weights=people)
    young = np.average(regions["age_under15_pct"], weights=people)
    assert of_people(cells, {"age": "60_plus"}) == pytest.approx(old / (100 - young), abs=0.001)
    varieties = sum(
        np.average(regions[f"lang_{name}_pct_2024"], weights=people) for name in ("tachelhit", "tamazight", "tarifit")
    )
    assert of_people(cells, {"amazigh": "yes"}) == pytest.approx(varieties / 100, abs=0.001)


def test_answers_are_some_of_the_people_and_the_unmet_answer_less_in_most_cells():
    cells = load("synth_voice_cells")
    assert (cells["sms_unmet"] <= cells["sms_answers"]).all() and (cells["sms_unmet"] <= cells["unmet"]).all()
    met = cells["people"] - cells["unmet"]
    assert (cells["sms_answers"] - cells["sms_unmet"] <= met).all()
    assert (cells["sms_unmet"] / cells["unmet"] < (cells["sms_answers"] - cells["sms_unmet"]) / met).mean() > 0.9


def test_the_panel_leaves_a_cell_of_the_population_empty_but_no_cell_of_two_traits():
    panel, cells = load("synth_voice_panel"), load("synth_voice_cells")
    assert len(panel.groupby(CELL).size()) < len(cells)
    assert len(panel.groupby(["area", "reads"]).size()) == 4


def test_members_keep_their_traits_and_every_meeting_has_both_tables():
    members, proposals = load("synth_committee_members"), load("synth_committee_proposals")
    assert (members.groupby("member")[["role", "gender", "language"]].nunique() == 1).all(axis=None)
    assert set(members["meeting"]) == set(proposals["meeting"])
    assert ((members["turns"] == 0) == (members["minutes"] == 0)).all()
    assert (proposals["proposer"].isna() == proposals["adopted"].isna()).all()
    assert (proposals.groupby("meeting")["rung"].nunique() == 1).all()


# ---- chapter 3: what its tables are for


def test_the_ward_with_two_reds_has_no_cause_and_the_green_one_has():
    months = load("synth_quality_monthly")
    assert out_of_the_ordinary(ward(months, "W4")) == 0 == out_of_the_ordinary(ward(months, "W7"))
    for name in ("W2", "W5", "W6", "W8"):
        assert out_of_the_ordinary(ward(months, name)) > 0, name
    assert out_of_the_ordinary(ward(months, "W1")) == 0 == out_of_the_ordinary(ward(months, "W3"))
    assert ward(months, "W7").iloc[-1] >= 0.92 > ward(months, "W4").iloc[-1]  # the same rate, another colour


def test_a_small_region_is_last_and_the_low_one_is_not():
    quarter = last_quarter(load("synth_region_quality")).sort_values("share")
    assert abs(quarter["z"].iloc[0]) < 3 < abs(quarter.loc["R08", "z"])
    assert quarter["den"].iloc[0] < 50 < quarter.loc["R08", "den"]


def test_the_heap_stands_before_the_cut():
    count = load("synth_ae_minutes")["patients"]
    assert count[235:240].sum() > count[230:235].sum() > 10 * count[240:245].sum() > 0


# ---- chapter 6: what its tables are for


def test_the_supply_of_the_region_is_what_the_real_table_implies():
    """Population over ratio gives whole numbers of doctors, province by province; they are the targets of the facilities."""
    supply = load("morocco_tta_provinces_supply_2024")
    people = supply["implied_population_2024"]
    counts = {"doctors": people / supply["inhabitants_per_doctor_public_private"]}
    counts["public"] = people / supply["inhabitants_per_doctor_public"]
    counts["centres"] = people / supply["inhabitants_per_phc_doctor"]
    totals = {name: int(values.round().sum()) for name, values in counts.items()}
    assert totals == {"doctors": 3097, "public": 1590, "centres": 246}
    assert max(np.abs(counts[name] - counts[name].round()).max() for name in ("public", "centres")) < 0.2


def test_a_straight_line_and_a_road_do_not_give_the_same_region():
    settlements = load("synth_region_settlements")
    straight = rural_share(settlements, beyond_by_road(settlements.assign(one=1.0), "one"))
    assert straight < 0.16 < 0.25 < rural_share(settlements, beyond_by_road(settlements, "detour_30"))


def test_nearly_half_of_the_women_who_did_not_come_live_within_ten_kilometres():
    lists = load("synth_birth_lists")
    settlements = load("synth_region_settlements")
    far = set(settlements["settlement"][beyond_by_road(settlements, "detour_30")])
    missed = lists["expected"] - lists["came"]
    assert 0.4 < share(~lists["settlement"].isin(far), missed) < 0.5
    behind = lists[lists["river"]]
    assert not behind["settlement"].isin(far).any()
    assert (behind["came"] / behind["expected"]).mean() < 0.7


# ---- chapter 10: what its tables are for


def test_the_sizes_of_the_programme_are_those_that_were_reported():
    reported = load("morocco_chw_programme").set_index("id")["value"]
    targets = {t["target"]: t["expected"] for t in TABLES["synth_chw_visits"]["calibration"]}
    assert targets["clients"] == reported["clients"] / reported["workers"]
    assert (targets["regions"], targets["provinces"]) == (reported["regions"], reported["provinces"])
    assert targets["centres"] == reported["rural_centres"]
    rural = load("morocco_urban_rural_health").query("indicator == 'facility_births_pct' and area == 'rural'")
    births = next(t for t in TABLES["synth_pregnancies"]["calibration"] if t["target"] == "facility")
    assert births["expected"] == pytest.approx(rural["value"].item() / 100)


def test_a_worker_has_no_more_minutes_than_hours():
    visits = load("synth_chw_visits")
    assert (visits["admin_min"] + visits["travel_min"] + 25 * visits["visits"] <= 60 * visits["hours"] + 1).all()


def test_both_easy_comparisons_double_what_the_workers_did():
    women = load("synth_pregnancies")
    births = women.groupby(with_workers(women))["facility_birth"].mean()
    assert births[True] - births[False] > 2 * 0.05 and before_after(women) > 1.6 * 0.05
    near = women.groupby("commune").agg(km=("km", "first"), start=("start", "first"))
    assert near.loc[near["start"] == 3, "km"].mean() < near.loc[near["start"].isna(), "km"].mean() / 2


def test_the_box_looks_best_if_open_items_are_left_out():
    tickets = load("synth_tickets")
    mean = tickets[tickets["closed"] == 1].groupby("channel")["days"].mean()
    assert mean.idxmin() == "box" and median_by_hand(tickets, "box") == float("inf")


def test_no_workshop_after_the_last_one():
    promises = load("synth_workshops").query("way == 'workshop' and month > 12")
    assert len(promises) == 36 and promises[["kept", "broken"]].to_numpy().sum() == 0


# ---- chapter 13: what its tables are for


def test_the_targets_of_the_grants_and_costs_are_what_the_real_tables_say():
    targets = {
        t["target"]: t["expected"] for n in ("synth_la_grant", "synth_care_costs") for t in TABLES[n]["calibration"]
    }
    grant = load("england_public_health_grant").set_index("label")["grant_gbp_million"]
    prices = load("uk_gdp_deflator_financial_year").set_index("financial_year")["obr_index"]
    people = load("england_population_mid_year").query("superseded == False").set_index("mid_year")["population"] / 1e6
    before = grant["2015-16 after the cut"] * prices["2025-26"] / prices["2015-16"] / people[2015]
    assert targets["before"] == pytest.approx(before, abs=0.01)
    assert targets["after"] == pytest.approx(grant["2025-26"] / people[2025], abs=0.01)
    dilnot = load("social_care_cap_parameters").query("scheme == 'dilnot'").set_index("parameter")["value"]
    assert targets["above_50"] == dilnot["share_above_50000"] and targets["above_100"] == dilnot["share_above_100000"]


def test_a_cut_of_the_same_share_takes_more_pounds_from_the_deprived():
    areas = load("synth_la_grant")
    cut = areas["per_head_2015_16"] - areas["per_head_2025_26"]
    most, least = (areas["imd_score"].rank(ascending=up) <= 30 for up in (False, True))
    assert cut[most].mean() > 1.6 * cut[least].mean()
    lost = cut / areas["per_head_2015_16"]
    assert lost[most].mean() == pytest.approx(lost[least].mean(), abs=0.02)


def test_wealth_and_cost_have_nothing_to_do_with_each_other():
    people = load("synth_care_costs")
    assert abs(people["wealth_gbp_k"].corr(people["cost_gbp_k"], method="spearman")) < 0.03


def test_few_patients_hold_most_of_the_beds():
    patients = load("synth_discharge")
    assert (patients["left_day"] >= patients["ready_day"]).all()
    held = [((patients["ready_day"] <= day) & (patients["left_day"] > day)).sum() for day in range(182)]
    days = patients["left_day"] - patients["ready_day"]
    assert np.mean(held) == pytest.approx(days.sum() / 182, rel=0.06)  # some leave after the last day


# ---- chapter 14: what its tables are for


def test_two_way_effects_fall_short_where_early_regions_still_improve():
    panel = with_controls(load("synth_gst_panel"))
    truth = panel.query("month >= go_live")["true_effect"].mean()
    assert two_way(panel) < 0.8 * truth
    assert abs(group_time(load("synth_gst_panel")) - truth) < 0.1 * truth


def test_the_regions_start_in_order_of_capacity_and_provinces_do_not_change():
    panel = load("synth_gst_panel")
    by_region = panel.groupby("region")[["go_live", "doctors_per_1000"]].mean()
    assert by_region["go_live"].is_monotonic_increasing
    assert by_region["go_live"].corr(by_region["doctors_per_1000"], method="spearman") < -0.95
    fixed = ["region", "go_live", "pop", "hospitals", "doctors_per_1000", "rural_share"]
    assert (panel.groupby("province")[fixed].nunique() == 1).all(axis=None)


def test_each_practice_is_judged_in_order_and_nothing_is_gained_by_a_shock():
    practices, shocks = load("practices"), load("practice_shocks")
    assert (practices["low"] < practices["mode"]).all() and (practices["mode"] < practices["high"]).all()
    assert set(practices["practice"]) == set(shocks["practice"]) and len(practices) == 12 * 8
    assert (practices.groupby("criterion")["better"].nunique() == 1).all()
    assert (shocks.query("shock == 'none'")["kept"] == 1).all()
    assert practices["basis"].str.startswith("authors' judgement").all()


def test_claims_that_move_a_judgement_exist():
    found = pd.concat([load("practices")["basis"], load("practice_shocks")["basis"]]).str.findall(r"\b[AB][0-9]{2}\b")
    named = set(found.explode().dropna())
    assert len(named) > 10 and named <= set(load("claims")["id"])


def test_numbers_of_the_earlier_chapters_are_as_those_print_them():
    made = checks.recipe("chapter_numbers").make()
    assert len(made) == len(load("chapter_numbers"))
    for new, kept in zip(made.to_dict("records"), load("chapter_numbers").to_dict("records"), strict=True):
        assert new == kept, f"{new['chapter']} now prints {new['shown']}: run datasets/recipes/chapter_numbers.py"
