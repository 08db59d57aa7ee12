"""Invented people and their records in two places: what ``synth_gp`` and ``synth_hospital`` are made from.

No name is from a register. Given names are common ones, each with its Arabic spelling and some of its Latin ones; family
names are built from a rule that gives both scripts. What goes wrong in a record goes wrong more often for the deprived, as
studies of linkage report; how often is set here. Another seed gives another draw with the same rules.
"""

import numpy as np
import pandas as pd
from draws import uniforms

REGISTER, OUTSIDE, FAMILIES = 4000, 300, 160  # people in the register; patients who are in none; family names
ADMITTED = (0.40, 0.35, 0.30, 0.25, 0.20)  # share of each fifth with a stay, from the most deprived on: exact
RURAL = (0.70, 0.50, 0.35, 0.22, 0.12)
NO_NUMBER_RURAL_WOMEN = (0.36, 0.26, 0.17, 0.11, 0.07)  # no national number in either record
NO_NUMBER = (0.114, 0.04, 0.018, 0.015, 0.027)
# What goes wrong in the hospital's record, for people with a national number and for people without one
DEFAULT_BIRTHDAY = (0.022, 0.25)  # 1 January is written
OTHER_YEAR = (0.02, 0.3)  # the year of birth is one or two off
MISHEARD = (0.03, 0.25)  # a letter is lost from a name: given and family name each
MOVED = (0.08, 0.2)
SWAPPED, MISTYPED_NUMBER = 0.015, 0.01  # day and month turned round; two digits of the number
ARABIC_RURAL, ARABIC_URBAN, OTHER_SPELLING = 0.45, 0.22, 0.35

# Arabic spelling -> Latin spellings; the first is the register's
WOMEN = {
    "فاطمة": ("Fatima", "Fatema", "Fatma"),
    "فاطمة الزهراء": ("Fatima Zahra", "Fatimazahra", "Fatema Ezzahra"),
    "خديجة": ("Khadija", "Khadidja"),
    "عائشة": ("Aicha", "Aïcha", "Aisha"),
    "أمينة": ("Amina", "Aminah"),
    "زينب": ("Zineb", "Zaynab", "Zeineb"),
    "مريم": ("Meryem", "Mariam", "Maryam"),
    "نعيمة": ("Naima", "Naïma"),
    "رشيدة": ("Rachida", "Rashida"),
    "حنان": ("Hanane", "Hanan"),
    "سميرة": ("Samira", "Samera"),
    "سعاد": ("Souad", "Soad"),
    "لطيفة": ("Latifa", "Lateefa"),
    "مليكة": ("Malika", "Melika"),
    "نادية": ("Nadia", "Nadya"),
    "كريمة": ("Karima", "Kareema"),
    "حفيظة": ("Hafida", "Hafidha"),
    "سعيدة": ("Saida", "Saïda"),
    "إلهام": ("Ilham", "Ilhame"),
    "لبنى": ("Loubna", "Lubna"),
}
MEN = {
    "محمد": ("Mohamed", "Mohammed", "Mhamed"),
    "أحمد": ("Ahmed", "Ahmad"),
    "يوسف": ("Youssef", "Yousef"),
    "حسن": ("Hassan", "Hasan"),
    "رشيد": ("Rachid", "Rashid"),
    "عبد الله": ("Abdellah", "Abdallah"),
    "سعيد": ("Said", "Saïd"),
    "خالد": ("Khalid", "Khaled"),
    "مصطفى": ("Mostafa", "Mustapha"),
    "عمر": ("Omar", "Omer"),
    "كريم": ("Karim", "Kareem"),
    "إبراهيم": ("Brahim", "Ibrahim"),
    "إدريس": ("Driss", "Idriss"),
    "حميد": ("Hamid", "Hameed"),
    "جمال": ("Jamal", "Jamel"),
    "عبد القادر": ("Abdelkader", "Abdelkadir"),
    "مهدي": ("Mehdi", "Mahdi"),
    "هشام": ("Hicham", "Hisham"),
    "أنس": ("Anas", "Anass"),
    "بلال": ("Bilal", "Belal"),
}
CONSONANTS = dict(
    zip(
        ["b", "t", "j", "h", "kh", "d", "r", "z", "s", "ch", "gh", "f", "k", "l", "m", "n"],
        "بتجحخدرزسشغفقلمن",
        strict=True,
    )
)
SHAPES = (("{0}a{1}{2}i", "{0}{1}{2}ي"), ("{0}a{1}i{2}", "{0}{1}ي{2}"), ("{0}a{1}ou{2}", "{0}{1}و{2}"))
PREFIXES = (("", ""), ("El ", "ال"), ("Ben", "بن"), ("", ""))


def people(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The register and the hospital's stays, one row a record; ``person`` is the truth, which no real register holds."""
    n = REGISTER + OUTSIDE
    u = uniforms(seed, 30, n)
    order = np.argsort(u[0][:REGISTER], kind="stable")
    fifth = np.empty(n, dtype=int)
    fifth[order] = np.arange(REGISTER) * 5 // REGISTER
    fifth[REGISTER:] = np.floor(5 * u[0][REGISTER:])
    rural = u[1] < np.take(RURAL, fifth)
    woman = u[2] < 0.5
    names = [_pick(WOMEN if w else MEN, x) for w, x in zip(woman, u[3], strict=True)]
    families = _families(uniforms(seed + 1, 3, FAMILIES))
    weight = np.cumsum(1 / (np.arange(len(families)) + 12))
    family = [families[i] for i in np.searchsorted(weight / weight[-1], u[4])]
    year = 1932 + np.floor(90 * np.sqrt(u[5])).astype(int)
    month, day = 1 + np.floor(12 * u[6]).astype(int), 1 + np.floor(28 * u[7]).astype(int)
    commune = np.where(rural, 1 + np.floor(25 * u[8] ** 1.5), 26 + np.floor(15 * u[8] ** 1.5)).astype(int)
    lacks = u[9] < np.where(rural & woman, np.take(NO_NUMBER_RURAL_WOMEN, fifth), np.take(NO_NUMBER, fifth))
    letters = "ABCDEFGHJK"
    digits = np.argsort(u[10], kind="stable") * 191 + 100_003  # distinct
    number = [f"{letters[d % 10]}{letters[d // 10 % 10]}{d % 1_000_000:06d}" for d in digits]
    person = pd.DataFrame(
        {
            "person": [f"P{i:04d}" for i in range(1, n + 1)],
            "given": [latin[0] for _, latin in names],
            "family": [latin for _, latin in family],
            "sex": np.where(woman, "F", "M"),
            "born": _dates(year, month, day),
            "commune": [f"C{c:02d}" for c in commune],
            "id_number": np.where(lacks, "", number),
            "area": np.where(rural, "rural", "urban"),
            "fifth": fifth + 1,
        }
    )

    # The hospital: who came, and what went wrong on the way into its files.
    stays = np.zeros(n, dtype=bool)
    stays[REGISTER:] = True
    for f, share in enumerate(ADMITTED):
        members = np.flatnonzero(fifth[:REGISTER] == f)
        stays[members[np.argsort(u[11][members], kind="stable")[: round(share * len(members))]]] = True
    arabic = u[12] < np.where(rural, ARABIC_RURAL, ARABIC_URBAN)
    given = [
        script if a else latin[1 + int(x * (len(latin) - 1))] if y < OTHER_SPELLING else latin[0]
        for (script, latin), a, x, y in zip(names, arabic, u[13], u[14], strict=True)
    ]
    last = [
        script if a else _respelt(latin, x, y)
        for (script, latin), a, x, y in zip(family, arabic, u[15], u[16], strict=True)
    ]
    misheard = np.take(MISHEARD, lacks.astype(int))
    given = [_without_a_letter(w, x) if y < p else w for w, x, y, p in zip(given, u[17], u[18], misheard, strict=True)]
    last = [_without_a_letter(w, x) if y < p else w for w, x, y, p in zip(last, u[19], u[20], misheard, strict=True)]
    swap = (u[21] < SWAPPED * 28 / 12) & (day <= 12)
    default = u[22] < np.take(DEFAULT_BIRTHDAY, lacks.astype(int))
    there_month, there_day = np.where(swap, day, month), np.where(swap, month, day)
    there_month, there_day = np.where(default, 1, there_month), np.where(default, 1, there_day)
    elsewhere = np.where(u[23] < np.take(MOVED, lacks.astype(int)), 1 + np.floor(40 * u[24]).astype(int), commune)
    off = np.where(u[28] < np.take(OTHER_YEAR, lacks.astype(int)), np.take([-2, -1, 1, 2], (4 * u[29]).astype(int)), 0)
    slip = [
        x if not x or y >= MISTYPED_NUMBER else x[:6] + x[7] + x[6]
        for x, y in zip(person["id_number"], u[25], strict=True)
    ]
    stay = person.assign(
        given=given,
        family=last,
        born=_dates(year + off, there_month, there_day),
        commune=[f"C{c:02d}" for c in elsewhere],
        id_number=slip,
    )
    register = person[:REGISTER].iloc[np.argsort(u[26][:REGISTER], kind="stable")].reset_index(drop=True)
    register.insert(0, "record", [f"G{i:04d}" for i in range(1, len(register) + 1)])
    hospital = stay[stays].iloc[np.argsort(u[27][stays], kind="stable")].reset_index(drop=True)
    hospital.insert(0, "record", [f"H{i:04d}" for i in range(1, len(hospital) + 1)])
    return register, hospital.drop(columns=["area", "fifth"]).astype({"id_number": object})


def _pick(names: dict, x: float) -> tuple[str, tuple[str, ...]]:
    """A name by a uniform; those that stand first are more common."""
    return list(names.items())[int(len(names) * x**1.6)]


def _families(u: np.ndarray) -> list[tuple[str, str]]:
    """Family names, (Arabic, Latin), from a prefix, three consonants and a shape; none twice."""
    letters, made = list(CONSONANTS.items()), {}
    for prefix, shape, three in zip(*u, strict=True):
        before, rule = PREFIXES[int(4 * prefix)], SHAPES[int(3 * shape)]
        code = int(16**3 * three)
        latin, script = zip(*(letters[code // 16**k % 16] for k in range(3)), strict=True)
        name = rule[0].format(*latin)
        made[before[1] + rule[1].format(*script)] = before[0] + (name if before[0] == "Ben" else name.capitalize())
    return list(made.items())


def _respelt(name: str, x: float, y: float) -> str:
    """Another Latin spelling of a family name, by habit of the clerk."""
    if x < 0.1 and name.startswith("El "):
        return "El" + name[3:].lower()
    if x < 0.2 and name.startswith("Ben"):
        return "Ben " + name[3:].capitalize()
    if x < 0.35 and "ou" in name:
        return name.replace("ou", "u")
    if x < 0.35 and name.endswith("i"):
        return name[:-1] + "y"
    return name.replace("k", "q") if y < 0.06 and "kh" not in name else name


def _without_a_letter(name: str, x: float) -> str:
    at = 1 + int(x * (len(name) - 1))
    return name[:at] + name[at + 1 :]


def _dates(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> list[str]:
    return [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year, month, day, strict=True)]
