"""The addresses of an installation with the tour of the demo."""

from django.urls import path

from prm.pages.demo import Tour
from prm.urls import handler403, handler404, urlpatterns

urlpatterns = [path("demo/", Tour.as_view(), name="demo"), *urlpatterns]
__all__ = ("handler403", "handler404", "urlpatterns")
