"""The published rules of seven vendors' market funds, as data of a program (of `sunstream`: of its three funds)."""

PROGRAMS: dict[str, dict] = {
    "sunstream-2018": {  # the annual volume fund
        "share_percent": 50,
        "plan_required": False,
        "ineligible": ["General dealership advertising"],
        "accruals": [
            {"percent": 1, "of": "paid_revenue", "span": "year", "cap": 10000},
            {"percent": 1, "of": "first_order"},  # new partners: from their opening order
        ],
    },
    "sunstream-2018 growth": {
        "share_percent": 50,
        "plan_required": True,
        "ineligible": ["General dealership advertising"],
        "accruals": [{"percent": 2, "of": "growth", "span": "year"}],
    },
    "sunstream-2018 grant": {
        "share_percent": 50,
        "plan_required": True,
        "ineligible": ["General dealership advertising"],
    },
    "plastpro-2020": {
        "share_percent": 100,
        "types": ["event", "digital", "content"],
        "preapproval": {"amount_over": 500, "unlisted": True},
        "accruals": [{"percent": 1, "of": "paid_revenue", "span": "year"}],
        "claim_from": "invoice",
        "claim_days": 30,
        "claim_not_after": "12-10",
        "ineligible": [
            "Agency fees (except print media space)", "Freight", "Postage", "Pieces without the approved logo",
            "Cost of developing the promotion",
        ],
    },
    "edco": {
        "share_percent": 50,
        "decision_days": 7,
        "pay_days": 30,
        "settled_by": "credit_note",
    },
    "huawei-cloud": {
        "share_percent": 100,
        "apply_working_days": 10,
        "cap_by_line": True,
    },
    "monday-com": {
        "types": ["event", "workshop"],  # in person and online
        "claim_days": 7,
        "results_before_payment": True,
    },
    "liferay-prm": {
        "share_percent": 50,
        "share_by_tier": [{"tier": "silver", "percent": 50}, {"tier": "gold", "percent": 60}],
        "second_step_from": 0,  # marketing, then its director
        "claims_per_activity": 2,
        "invoice_per_line": True,
    },
    "oracle-prm": {
        "share_percent": 100,
        "two_payers_from": 100000,
    },
}  # fmt: skip
