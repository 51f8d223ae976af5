"""Trains the verdict: ``python -m benchmarks.train_verdict [--data FOLDER]`` writes ``words.json`` and ``trees.json``.

Reads only ``*.train.tsv.gz`` of the folder.  Needs ``benchmarks/requirements-training.txt``; nothing of it is
needed afterwards.  What is learnt, and why so, is in docs/decisions.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from zlib import crc32

import lightgbm
import numpy as np

from benchmarks.pairs import Pair, best_f1, default_folder, metrics, read_pairs, side
from benchmarks.train_vocabulary import count_words, teach, use
from chalicelib.matching import text
from chalicelib.matching.features import GLANCE
from chalicelib.matching.trees import plant
from chalicelib.matching.verdict import EVIDENCE, evidence
from chalicelib.matching.verdict import side as verdict_side
from chalicelib.matching.vetoes import vetoed
from chalicelib.matching.words import Vocabulary

OUTPUT = Path(text.__file__).parent
FOLDS = 5
LOOK_TREES, GLANCE_TREES = 120, 15
"""Trees cost time in every verdict: so many that more of them hardly judge better."""
STRANGE_WEIGHT = 0.25
"""What a row read with strange words counts beside one read with the words of all sets."""
KNOWN = (
    {"wanted": False, "offered": False},
    {"wanted": True, "offered": True},
    {"wanted": False, "offered": True},
)
"""Brand and price: of neither side, of both, and, as in production, of the offer alone."""
SETTINGS = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.1, "min_data_in_leaf": 60, "feature_fraction": 0.4,
    "bagging_fraction": 0.5, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63, "seed": 1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
GLANCE_SETTINGS = SETTINGS | {"learning_rate": 0.3}
SAMPLES = (
    ("larkfield dx-100 wireless mouse black", "Larkfield DX100 Mouse, wireless (Black) with 2 batteries"),
    ("northway 22 inch lcd tv", "Northway 24in LCD HDTV NW-2400"),
    ("brightwell photo suite 7 upgrade for mac", "brightwell photosuite 7.0 (win) academic"),
    ("larkfield print cartridge 94 cyan", "Larkfield C8765WN 95 yellow ink cartridge twin pack"),
    ("cola 6 x 330ml", "Zippy Cola Cans 33cl 6 pack"),
    ("olive oil", "Tuna Chunks in Olive Oil"),
)
"""What is read from these names is kept with the trees, so that a test can tell when the code reads otherwise."""
GIVEN_AWAY = 0.003
"""Share of the right pairs that a glance may lose."""
REFUSED = -9.0
"""Raw score of what a rule excludes."""
WITHIN = 0.004
"""F1 this near to the best is as good as the best."""


@dataclass
class Rows:
    """Feature rows with their answers, their folds and the name of their set."""

    values: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    group: np.ndarray
    strange: np.ndarray
    """Whether it was read with a vocabulary that lacks its own set's words."""
    vetoed: np.ndarray
    """Whether a rule excludes it, whatever the trees would say."""

    def __add__(self, other: Rows) -> Rows:
        return Rows(*(np.concatenate(pair) for pair in zip(astuple(self), astuple(other), strict=True)))

    def only(self, chosen: np.ndarray) -> Rows:
        return Rows(*(column[chosen] for column in astuple(self)))


def fold_of(pair: Pair) -> int:
    """Pairs of one wish are never on both sides of a split."""
    return crc32(pair.wanted.encode()) % FOLDS


def rows_of(pairs: Sequence[Pair], group: str, strange: bool = False) -> Rows:
    sides = [
        (side(pair, "wanted", known["wanted"]), side(pair, "offered", known["offered"]))
        for known in KNOWN
        for pair in pairs
    ]
    values, out = [evidence(a, b) for a, b in sides], [vetoed(a, b) for a, b in sides]
    same = [pair.same for pair in pairs] * len(KNOWN)
    folds = [fold_of(pair) for pair in pairs] * len(KNOWN)
    groups, odd = np.array([group] * len(same)), np.full(len(same), strange)
    return Rows(np.array(values, float), np.array(same), np.array(folds), groups, odd, np.array(out))


def boost(rows: Rows) -> lightgbm.Booster:
    """The trees that decide, on everything."""
    weight = np.where(rows.strange, STRANGE_WEIGHT, 1.0)
    return lightgbm.train(SETTINGS, lightgbm.Dataset(rows.values, rows.same, weight=weight), LOOK_TREES)


def boost_glance(rows: Rows, accepted: np.ndarray) -> lightgbm.Booster:
    """The trees that only put aside: they foresee, from what a glance shows, whether an offer will be accepted."""
    return lightgbm.train(GLANCE_SETTINGS, lightgbm.Dataset(glanced(rows), accepted), GLANCE_TREES)


def glanced(rows: Rows) -> np.ndarray:
    return rows.values[:, : len(GLANCE)]


def probability(raw: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-raw))


def out_of_fold(rows: Rows, grow: Callable[[np.ndarray], lightgbm.Booster], values: np.ndarray) -> np.ndarray:
    """Raw scores of each row by trees that ``grow`` from the rows of the other folds."""
    found = np.zeros(len(rows.same))
    for fold in range(FOLDS):
        here = rows.fold == fold
        found[here] = grow(~here).predict(values[here], raw_score=True)
    return found


def decided(rows: Rows) -> np.ndarray:
    """Raw scores in the end, each by trees that did not see the row's fold."""
    return out_of_fold(rows, lambda seen: boost(rows.only(seen)), rows.values)


def put_aside(rows: Rows, accepted: np.ndarray) -> np.ndarray:
    """Raw scores after a glance, each by trees that did not see the row's fold."""
    judged = ~rows.vetoed
    return out_of_fold(
        rows, lambda seen: boost_glance(rows.only(seen & judged), accepted[seen & judged]), glanced(rows)
    )


def taught_rows(sets: dict[str, list[Pair]]) -> tuple[Rows, Vocabulary]:
    """Rows whose taught features come from other folds than their own, and the vocabulary of all folds."""
    base = count_words(sets.values())
    use(base)
    plain = [rows_of(pairs, name) for name, pairs in sets.items()]
    everything = sum(plain[1:], plain[0])
    expected = probability(decided(everything))
    every, hoped, at = [], [], 0
    for pairs in sets.values():
        block = expected[at : at + len(pairs) * len(KNOWN)].reshape(len(KNOWN), len(pairs))
        every += pairs
        hoped += list(block.mean(axis=0))
        at += block.size
    found = []
    for fold in range(FOLDS):
        others = [index for index, pair in enumerate(every) if fold_of(pair) != fold]
        use(base)
        use(teach([every[index] for index in others], [hoped[index] for index in others], base))
        found += [rows_of([pair for pair in pairs if fold_of(pair) == fold], name) for name, pairs in sets.items()]
    use(base)
    return sum(found[1:], found[0]), teach(every, hoped, base)


def strange_rows(sets: dict[str, list[Pair]]) -> Rows | None:
    """Rows of each set read with the vocabulary of the other sets, so that the trees meet words they do not know."""
    if len(sets) < 2:
        return None
    found = []
    for name, pairs in sets.items():
        rest = {other: others for other, others in sets.items() if other != name}
        use(count_words(rest.values()))
        found.append(rows_of(pairs, name, strange=True))
    return sum(found[1:], found[0])


def f1(accepted: np.ndarray, same: np.ndarray) -> float:
    return float(2 * (accepted & same).sum() / (accepted.sum() + same.sum() or 1))


def choose_threshold(raw: np.ndarray, rows: Rows) -> float:
    """The middle of the probabilities whose F1, meant over the sets, is within ``WITHIN`` of the best.

    F1 hardly changes over a wide plateau; its middle is where another sample of pairs would have it too.
    """
    same, chances = rows.same.astype(bool), probability(raw)
    candidates = np.linspace(0.2, 0.6, 81)
    means = [
        np.mean([f1(chances[rows.group == name] >= limit, same[rows.group == name]) for name in np.unique(rows.group)])
        for limit in candidates
    ]
    return float(np.mean([limit for limit, mean in zip(candidates, means, strict=True) if mean >= max(means) - WITHIN]))


def tree_of(node: dict[str, object]) -> object:
    """A tree as ``trees.py`` reads it: ``[feature, threshold, left, right]`` or a leaf's value."""
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 5)  # type: ignore[arg-type]
    return [node["split_feature"], node["threshold"], tree_of(node["left_child"]), tree_of(node["right_child"])]  # type: ignore[arg-type]


def trees_of(model: lightgbm.Booster) -> list[object]:
    return [tree_of(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]


def train(sets: dict[str, list[Pair]]) -> tuple[Vocabulary, dict[str, object]]:
    """The vocabulary and the trees learnt from ``sets`` (name → pairs)."""
    rows, vocabulary = taught_rows(sets)
    strange = strange_rows(sets)
    all_rows = rows + strange if strange else rows
    raw = decided(all_rows)[~all_rows.strange]
    raw[rows.vetoed] = REFUSED
    accepted = probability(raw) >= choose_threshold(raw, rows)
    at_first = put_aside(rows, accepted)
    limit = float(np.quantile(at_first[accepted & (rows.same == 1)], GIVEN_AWAY))
    raw[at_first < limit] = REFUSED
    threshold = choose_threshold(raw, rows)
    use(vocabulary)
    return vocabulary, {
        "features": list(EVIDENCE),
        "samples": [[*names, evidence(*map(verdict_side, names))] for names in SAMPLES],
        "threshold": round(threshold, 3),
        "glance_at_least": round(limit, 3),
        "glance": trees_of(boost_glance(rows.only(~rows.vetoed), accepted[~rows.vetoed])),
        "look": trees_of(boost(all_rows)),
    }


def cross_check(folder: Path, sets: dict[str, list[Pair]]) -> None:
    """Print how well trees that never saw a set judge its validation split."""
    for name in sets:
        vocabulary, stored = train({other: pairs for other, pairs in sets.items() if other != name})
        use(vocabulary)
        forest = plant(stored["look"], len(EVIDENCE))  # type: ignore[arg-type]
        pairs = read_pairs(folder / f"{name}.valid.tsv.gz")
        same = [pair.same for pair in pairs]
        for everything, what in ((False, "names"), (True, "names, brands, prices")):
            rows = (evidence(side(pair, "wanted", everything), side(pair, "offered", everything)) for pair in pairs)
            chances = [1 / (1 + np.exp(-forest(row))) for row in rows]
            at_limit = metrics(chances, same, stored["threshold"])  # type: ignore[arg-type]
            print(f"{name} unseen, {what}: F1 {at_limit.f1:.3f}, at its own best limit {best_f1(chances, same).f1:.3f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=None, help="folder with *.train.tsv.gz")
    asked.add_argument("--cross-check", action="store_true", help="judge each set by trees of the others")
    options = asked.parse_args()
    folder = options.data or default_folder()
    sets = {path.name.split(".")[0]: read_pairs(path) for path in sorted(folder.glob("*.train.tsv.gz"))}
    if options.cross_check:
        cross_check(folder, sets)
        return
    vocabulary, trees = train(sets)
    learnt = {name: getattr(vocabulary, name) for name in ("names", "counts", "missing", "extra", "common")}
    for file, content in (("words.json", learnt), ("trees.json", trees)):
        text_of = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        (OUTPUT / file).write_text(text_of + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
