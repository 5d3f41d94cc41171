"""Where networks hand things in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
