"""Synthetic: an invented region of 48 areas, and the maps that several bodies have drawn over it.

What the table is built to show: the same people can be cut in several ways, and each pair of cuts agrees more or less. The six
boards of today halve the county of Midshire and two smaller councils. Of the later unitaries each lies in one board, but for
what the two smaller councils bring with them. The three later maps (``authority_a`` to ``_c``) are scenarios: the first
joins boards in pairs that lie above each other, the second and third cut across such pairs. Area A06 has so few people that
what it adds to a council is a sliver.

``python datasets/recipes/synth_region_maps.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import pandas as pd
from draws import uniforms, write

SEED = 1204
SLIVER, SLIVER_PEOPLE = "A06", 1400
# six rows of eight areas, north on top
BOARDS = ["AAABBBCC", "AAABBBCC", "AAEBBBCC", "EEEHHHMM", "EEEHHHMM", "EEEHHMMM"]
COUNCILS = ["KKKLLNNN", "KKOPPPNN", "OOOPPPQQ", "RROPPPQQ", "RRRPPPSS", "RRRTTSSS"]
BOARD = {"A": "Alder", "B": "Birch", "C": "Cedar", "E": "Elm", "H": "Hazel", "M": "Maple"}
COUNCIL = {
    "K": "Kingsford", "L": "Larkhill", "N": "Netherby", "O": "Overdale", "P": "Midshire",
    "Q": "Quayside", "R": "Redmoor", "S": "Saltway", "T": "Thornton",
}  # fmt: skip
UNITARY = {
    "Kingsford": "Kingsford and Overdale", "Overdale": "Kingsford and Overdale", "Larkhill": "North Midshire",
    "Thornton": "South Midshire", "Netherby": "Netherby and Quayside", "Quayside": "Netherby and Quayside",
    "Redmoor": "Redmoor", "Saltway": "Saltway",
}  # fmt: skip
AUTHORITIES = {
    "authority_a": {"Kingsford and Overdale": "West", "Redmoor": "West", "North Midshire": "Middle",
                    "South Midshire": "Middle", "Netherby and Quayside": "East", "Saltway": "East"},
    "authority_b": {"Kingsford and Overdale": "North", "North Midshire": "North", "Netherby and Quayside": "North",
                    "Redmoor": "South", "South Midshire": "South", "Saltway": "South"},
    "authority_c": {"Kingsford and Overdale": "South-west", "Redmoor": "South-west", "South Midshire": "South-west",
                    "North Midshire": "North-east", "Netherby and Quayside": "North-east", "Saltway": "North-east"},
}  # fmt: skip
PEOPLE = {"Alder": 66, "Birch": 65, "Cedar": 92, "Elm": 58, "Hazel": 66, "Maple": 79}  # thousands in an area, about
HOSPITALS = {"A02", "A13", "A20", "A24", "A26", "A34", "A37", "A42", "A48", "A05"}  # areas with an acute trust


def make() -> pd.DataFrame:
    """One row an area; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 48)
    rows = []
    for i in range(48):
        row, col = divmod(i, 8)
        area, board, council = f"A{i + 1:02d}", BOARD[BOARDS[row][col]], COUNCIL[COUNCILS[row][col]]
        unitary = UNITARY.get(council) or ("North Midshire" if row < 3 else "South Midshire")
        people = SLIVER_PEOPLE if area == SLIVER else round(1000 * PEOPLE[board] * (0.8 + 0.4 * u[i]), -2)
        later = [names[unitary] for names in AUTHORITIES.values()]
        rows.append((area, col + 1, row + 1, int(people), board, council, unitary, *later, int(area in HOSPITALS)))
    columns = ["area", "col", "row", "people", "board", "council", "unitary", *AUTHORITIES, "acute_trusts"]
    return pd.DataFrame(rows, columns=columns)


if __name__ == "__main__":
    write(make, "synth_region_maps")
