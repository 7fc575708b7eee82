"""Programs of every shape of the rule language, and facts for them, made up at random."""

from hypothesis import strategies as st

METRICS = ("a", "b", "c")
WINDOWS = ("", "", "trailing 3 months", "calendar year", "in our own words")
MARKETS = ("growth", "mature")
NUMBERS = st.one_of(st.integers(-2, 12), st.sampled_from([0.5, 0.7, 2.5]))


def by_market(values):
    """A value, or one for each market, perhaps with a default."""
    keys = st.sampled_from([*MARKETS, "default"])
    return st.one_of(values, values, values, st.dictionaries(keys, values, min_size=1))


def leaves(metrics, ops, numbers):
    def tidy(found):
        metric, op, value, window, market = found
        extra = ({"window": window} if window else {}) | ({"market": market} if market else {})
        return {"metric": metric, "op": op, "value": value, **extra}

    markets = st.sampled_from([None, None, None, "growth", ["growth", "mature"]])
    parts = (st.sampled_from(metrics), st.sampled_from(ops), by_market(numbers), st.sampled_from(WINDOWS), markets)
    return st.tuples(*parts).map(tidy)


def rules(metrics=METRICS, ops=(">=", ">", "<=", "<", "==", "!="), numbers=NUMBERS):
    def groups(parts):
        every, some = st.lists(parts, max_size=3), st.lists(parts, min_size=1, max_size=3)
        both = st.builds(lambda a, b: {"all": a, "any": b}, every, some)
        by = st.dictionaries(st.sampled_from([*MARKETS, "default"]), parts.map(lambda p: {"all": [p]}), min_size=1)
        return st.one_of(every.map(lambda p: {"all": p}), some.map(lambda p: {"any": p}), both, by, every)

    return st.recursive(leaves(metrics, ops, numbers), groups, max_leaves=5)


def kinds():
    """What a program makes of figures, with the metrics that its rules may read then."""
    limits = st.integers(1, 20)
    factor = st.one_of(
        st.just(2), st.just("b"), st.just({"a": 1.5}), st.just({"flag": 3}), st.just({"market": {"growth": 2}}),
        st.just([{"metric": "c", "op": ">=", "value": 3, "factor": 2}, {"name": "flag", "value": 1.5}]),
    )  # fmt: skip
    table = st.fixed_dictionaries(
        {"a": by_market(st.integers(0, 5))},
        optional={
            "c": st.fixed_dictionaries({"points": st.integers(0, 9)}, optional={"max": limits, "multiplier": factor})
        },
    )
    points = st.builds(lambda t, f: t | ({"multipliers": f} if f else {}), table, st.one_of(st.none(), factor))
    return st.one_of(
        st.just(({}, METRICS)),
        st.builds(lambda m: ({"kind": "score_band", "score": {"max": m}}, (*METRICS, "score")), limits),
        st.builds(
            lambda m, n: ({"kind": "weighted_score", "metrics": {"a": m, "b": n}}, (*METRICS, "total_points")),
            limits, limits,
        ),
        points.map(lambda p: ({"kind": "points", "points": p}, (*METRICS, "total_points", "tier_points", "a_points"))),
    )  # fmt: skip


@st.composite
def programs(draw, ops=(">=", ">", "<=", "<", "==", "!="), made=None):
    """A program that can be judged by; its tiers need not nest, and some may be out of reach."""
    extra, metrics = draw(kinds() if made is None else made)
    rule = rules(metrics, ops)
    ranks = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))
    tiers = []
    for rank in ranks:
        tier = {"name": f"T{rank}", "rank": rank, "requires": draw(rule)}
        tiers.append(tier | ({"unlock": draw(rule)} if draw(st.integers(0, 4)) == 0 else {}))
    window = draw(st.sampled_from([{}, {"window": "trailing 12 months"}, {"window": "calendar year"}]))
    gate = {"gate": draw(rule)} if draw(st.integers(0, 4)) == 0 else {}
    return {"id": "p", "tiers": tiers, **extra, **window, **gate}


NAMES = (
    *METRICS, "score", "total_points", "flag", "a@trailing_3_months", "b@calendar_year", "c@in our own words",
    "a@trailing_12_months",
)  # fmt: skip
ODD = st.sampled_from([None, True, False, "7", "x", "", float("nan"), float("inf"), 10**400, [3, 9], [], {"x": 1}])


def facts(values=NUMBERS):
    known = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
    return st.builds(
        lambda f, m: f | ({"market": m} if m else {}), known, st.sampled_from([None, "growth", "Mature", "elsewhere"])
    )
