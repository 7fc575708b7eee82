from django.urls import path

from metrics import dashboard

app_name = "metrics"
urlpatterns = [
    path("", dashboard.Dashboard.as_view(), name="dashboard"),
    path("<slug:key>/", dashboard.MetricPage.as_view(), name="metric"),
    path("<slug:key>/rows.csv", dashboard.MetricRows.as_view(), name="rows"),
]
