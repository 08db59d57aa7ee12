"""Synthetic: 60 towns and 900 douars of a region that does not exist, and how far each is from a health centre.

What the table is built to show: one region gives as many answers to "who lives beyond ten kilometres?" as there are ways to
measure. The totals (people, rural people, health centres, hospitals, doctors) are those of the pilot group of Morocco; where
anything stands is invented. Roads are the straight line times a detour, which is longer where the land is steeper. There are
two worlds: in one, 30% of rural people live more than 10 km by road from a health centre (the share that a paper quotes), in
the other 25% (an older figure).

``python datasets/recipes/synth_region_settlements.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, poisson, solve, uniforms, write

SEED = 20251001
TOWNS, DOUARS = 60, 900
PEOPLE, RURAL = 4_030_222, 1_391_407  # legal population, census of 2024
WIDTH, HEIGHT = 140, 110  # km
CENTRES, IN_TOWNS = 295, 110  # health centres, and how many of them stand in towns
BEYOND = {"detour_25": 0.25, "detour_30": 0.30}  # rural people more than 10 km by road from a health centre
COLUMNS = 4  # districts: two rows of four


def largest_remainder(total: int, share: np.ndarray) -> np.ndarray:
    """Whole numbers that add to ``total``, as near to ``share`` as can be."""
    exact = total * share / share.sum()
    whole = np.floor(exact).astype("int64")
    whole[np.argsort(whole - exact, kind="stable")[: total - whole.sum()]] += 1
    return whole


def distances(x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray) -> np.ndarray:
    return np.hypot(x[:, None] - to_x[None, :], y[:, None] - to_y[None, :])


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How steep the land is, from 0 in the plain to 1 in the mountains of the east."""
    ridge = np.exp(-(((x - 100) / 40) ** 2) - ((y - 54) / 36) ** 2)
    return np.clip(1.15 * ridge + 0.08 * np.sin(x / 7) * np.cos(y / 9), 0, 1)


def region() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The settlements, and the health centres among them (``row`` of the settlement, ``x``, ``y``)."""
    u = uniforms(SEED, 12, TOWNS + DOUARS)
    x, y = 2 + (WIDTH - 4) * u[0], 2 + (HEIGHT - 4) * u[1]
    town = np.arange(TOWNS + DOUARS) < TOWNS
    x = np.where(town, 2 + (WIDTH - 4) * u[0] ** 1.5, x)  # towns crowd towards the coast, in the west
    steep = height(x, y)
    size = np.empty(len(x))
    size[:TOWNS] = 1 / (np.arange(TOWNS) + 1.2) ** 1.05
    size[TOWNS:] = np.exp(0.75 * normal(u[2][TOWNS:]) - 0.35 * steep[TOWNS:])
    pop = np.concatenate(
        [largest_remainder(PEOPLE - RURAL, size[:TOWNS]), largest_remainder(RURAL, np.maximum(size[TOWNS:], 0.08))]
    )
    terrain = 1 + (steep > 0.28).astype("int64") + (steep > 0.62)

    # Health centres: in towns by people, elsewhere in large douars of the plain first, few in the mountains.
    in_towns = np.repeat(np.arange(TOWNS), 1 + largest_remainder(IN_TOWNS - TOWNS, pop[:TOWNS]))
    score = np.log(pop) + 0.9 * normal(u[3]) - 7 * steep
    chosen: list[int] = []
    for row in np.argsort(-score, kind="stable"):
        if not town[row] and all(np.hypot(x[row] - x[other], y[row] - y[other]) > 2.5 for other in chosen):
            chosen.append(int(row))
        if len(chosen) == CENTRES - IN_TOWNS:
            break
    rows = np.concatenate([in_towns, np.array(sorted(chosen))])
    shift = uniforms(SEED + 1, 2, len(rows)) - 0.5
    reach = np.where(town[rows], 3.0, 0.6)  # a centre is not the middle of its town
    centres = pd.DataFrame(
        {"row": rows, "x": np.round(x[rows] + reach * shift[0], 2), "y": np.round(y[rows] + reach * shift[1], 2)}
    )

    x, y = np.round(x, 2), np.round(y, 2)
    nearest = distances(x, y, centres["x"].to_numpy(), centres["y"].to_numpy()).min(axis=1)
    winding = 0.45 + 0.55 * steep + 0.08 * normal(u[4])
    roads = {}
    for name, target in BEYOND.items():

        def share(k: float) -> float:
            far = nearest * np.round(1 + k * np.clip(winding, 0.15, 1.1), 2) > 10
            return float(pop[far & ~town].sum() / RURAL)

        k = solve(share, target, 0.05, 3)
        roads[name] = np.round(1 + k * np.clip(winding, 0.15, 1.1), 2)

    column = np.minimum(COLUMNS * x // WIDTH, COLUMNS - 1).astype(int)
    district = np.array([f"D{1 + c + COLUMNS * r}" for c, r in zip(column, (y > HEIGHT / 2).astype(int), strict=True)])
    births = poisson(u[5], np.minimum(pop * np.where(town, 0.014, 0.017), 600.0))
    births = np.where(pop * 0.014 > 600, np.round(pop * 0.014), births).astype("int64")
    settlements = pd.DataFrame(
        {
            "settlement": [f"S{i:03d}" for i in range(1, len(x) + 1)],
            "district": district,
            "rural": ~town,
            "x_km": x,
            "y_km": y,
            "terrain": terrain,
            "pop": pop,
            "women_children": np.round(pop * np.where(town, 0.33, 0.35) * (0.92 + 0.16 * u[6])).astype("int64"),
            "births": births,
            **roads,
        }
    )
    return settlements, centres


def make() -> pd.DataFrame:
    """One row a settlement; columns as in ``datapackage.json``."""
    return region()[0]


if __name__ == "__main__":
    write(make, "synth_region_settlements")
