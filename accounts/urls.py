from django.urls import include, path

from accounts.portal import PreferencesPage

urlpatterns = [
    path("preferences/", PreferencesPage.as_view(), name="account_preferences"),
    path("", include("allauth.urls")),
]
