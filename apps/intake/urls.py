"""Where networks hand things in."""

from django.urls import path

from apps.intake import views

urlpatterns = [path("<int:channel_id>/", views.webhook, name="webhook")]
