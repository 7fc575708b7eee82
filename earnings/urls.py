from django.urls import path

from earnings import portal

portal_patterns = [
    path("earnings/", portal.Earnings.as_view(), name="earnings"),
    path("earnings/how/", portal.WaysPage.as_view(), name="how_you_earn"),
    path("earnings/bank/", portal.BankPage.as_view(), name="bank"),
    path("earnings/bank/<slug:verb>/", portal.BankPage.as_view(), name="bank_verb"),
    path("earnings/statements/<str:period>/", portal.StatementPage.as_view(), name="statement"),
    path("earnings/statements/<str:period>/<slug:verb>/", portal.StatementFile.as_view(), name="statement_file"),
    path("earnings/lines/<str:reference>/", portal.LinePage.as_view(), name="earning"),
    path("earnings/lines/<str:reference>/<slug:verb>/", portal.LinePage.as_view(), name="earning_verb"),
]
