from accounts.portal import PreferencesPage
from django.urls import include, path

urlpatterns = [
    path("preferences/", PreferencesPage.as_view(), name="account_preferences"),
    path("", include("allauth.urls")),
]
