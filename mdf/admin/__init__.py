"""The console's side of market funds."""

from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from mdf.admin.budgets import AllocationPage, BudgetNew, BudgetPage, Budgets
from mdf.admin.bulk import BulkApprove
from mdf.admin.claiming import ClaimFor
from mdf.admin.claims import ClaimPage, Claims, PayableNow
from mdf.admin.lists import Requests
from mdf.admin.payments import PaymentPage, Payments, PaymentsFile
from mdf.admin.requesting import RequestFor
from mdf.admin.review import RequestPage
from mdf.admin.terms import FundTermsOfFirst, FundTermsPage

console_patterns = [
    path("mdf/", Requests.as_view(), name="mdf_request_changelist"),
    path("mdf/requests/<ref:reference>/", RequestPage.as_view(), name="mdf_request"),
    path("mdf/requests/<ref:reference>/<slug:verb>/", RequestPage.as_view(), name="mdf_request_verb"),
    path("mdf/claims/", Claims.as_view(), name="mdf_claims"),
    path("mdf/claims/for/<ref:parent>/", ClaimFor.as_view(), name="mdf_claim_for"),
    path("mdf/claims/<ref:reference>/", ClaimPage.as_view(), name="mdf_claim"),
    path("mdf/claims/<ref:reference>/payable-now/", PayableNow.as_view(), name="mdf_payable_now"),
    path("mdf/claims/<ref:reference>/<slug:verb>/", ClaimPage.as_view(), name="mdf_claim_verb"),
    path("mdf/for/<ref:reference>/", RequestFor.as_view(), name="mdf_request_for"),
    path("mdf/requests/approve/", BulkApprove.as_view(), name="mdf_bulk"),
    path("mdf/budgets/", Budgets.as_view(), name="mdf_budgets"),
    path("mdf/budgets/new/", BudgetNew.as_view(), name="mdf_budget_new"),
    path("mdf/budgets/<ref:reference>/", BudgetPage.as_view(), name="mdf_budget"),
    path("mdf/budgets/<ref:reference>/<slug:verb>/", BudgetPage.as_view(), name="mdf_budget_verb"),
    path("mdf/funds/<ref:reference>/", AllocationPage.as_view(), name="mdf_allocation"),
    path("mdf/funds/<ref:reference>/<slug:verb>/", AllocationPage.as_view(), name="mdf_allocation_verb"),
    path("program/funds/", FundTermsOfFirst.as_view(), name="mdf_terms_first"),
    path("program/funds/<slug:key>/", FundTermsPage.as_view(), name="mdf_terms"),
    path("program/funds/<slug:key>/<slug:verb>/", FundTermsPage.as_view(), name="mdf_terms_verb"),
    path("mdf/payments/", Payments.as_view(), name="mdf_payments"),
    path("mdf/payments/sent.csv", PaymentsFile.as_view(), name="mdf_payments_file"),
    path("mdf/payments/do/<slug:verb>/", Payments.as_view(), name="mdf_payments_verb"),
    path("mdf/payments/<ref:reference>/", PaymentPage.as_view(), name="mdf_payment"),
    path("mdf/payments/<ref:reference>/<slug:verb>/", PaymentPage.as_view(), name="mdf_payment_verb"),
]
