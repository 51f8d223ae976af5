"""What the names of judged pairs teach of words; a part of ``train_verdict.py``, which says what it needs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log

from benchmarks.pairs import Pair
from chalicelib.matching import text, words
from chalicelib.matching.remainder import remainder
from chalicelib.matching.words import Vocabulary

SHRINK = 5
"""Words seen less often than about this teach little."""
LEAST_COUNT = 5


def use(vocabulary: Vocabulary | None) -> None:
    """Read names by ``vocabulary`` from here on."""
    words.use_vocabulary(vocabulary)
    text.read_title.cache_clear()


def count_words(sets: Iterable[Sequence[Pair]]) -> Vocabulary:
    """In how many different names each word stands (words of one name only are left out)."""
    use(Vocabulary(1000, {}, {}, {}, {}))
    names = {name for pairs in sets for pair in pairs for name in (pair.wanted, pair.offered)}
    counts = Counter(word for name in names for word in text.read_title(name).words)
    return Vocabulary(len(names), {word: count for word, count in sorted(counts.items()) if count > 1}, {}, {}, {})


def teach(pairs: Sequence[Pair], expected: Sequence[float], base: Vocabulary) -> Vocabulary:
    """``base`` with what the words teach beyond ``expected``, the probabilities of trees that saw other folds."""
    seen: list[Counter[str]] = [Counter(), Counter(), Counter()]
    right: list[Counter[str]] = [Counter(), Counter(), Counter()]
    hoped: list[defaultdict[str, float]] = [defaultdict(float) for _ in range(3)]
    for pair, probability in zip(pairs, expected, strict=True):
        a, b = text.read_title(pair.wanted), text.read_title(pair.offered)
        left = remainder(a, b)
        missing = [word for word, share in left.missing.items() if share > 0.5]
        extra = [word for word, share in left.extra.items() if share > 0.5]
        for at, found in enumerate((missing, extra, a.word_set & b.word_set)):
            for word in found:
                seen[at][word] += 1
                right[at][word] += pair.same
                hoped[at][word] += probability
    taught = [
        {
            word: round(log((right[at][word] + SHRINK) / (hoped[at][word] + SHRINK)), 3)
            for word, times in sorted(seen[at].items())
            if times >= LEAST_COUNT
        }
        for at in range(3)
    ]
    return Vocabulary(base.names, base.counts, *taught)
