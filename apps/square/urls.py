"""Square's addresses: pages for people, `api/` for brands' programs."""

from django.urls import path

from apps.square import api, views

app_name = "square"
urlpatterns = [
    path("", views.home, name="home"),
    path("write/", views.write, name="write"),
    path("newer/", views.newer_threads, name="newer_threads"),
    path("p/<int:post_id>/", views.thread, name="thread"),
    path("p/<int:post_id>/newer/", views.newer_posts, name="newer_posts"),
    path("p/<int:post_id>/edit/", views.edit, name="edit"),
    path("p/<int:post_id>/delete/", views.delete, name="delete"),
    path("@<slug:handle>/", views.person, name="person"),
    path("media/<int:media_id>/", views.media, name="media"),
    path("api/media", api.MediaUpload.as_view(), name="api_media"),
    path("api/notices", api.Notices.as_view(), name="api_notices"),
    path("api/posts", api.Posts.as_view(), name="api_posts"),
    path("api/posts/by-key/<path:key>", api.PostByKey.as_view(), name="api_post_by_key"),
    path("api/posts/<str:post_id>", api.OnePost.as_view(), name="api_post"),
]
