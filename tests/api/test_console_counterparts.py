"""Whatever a person does in the console, a program or their own script does by the API.

Every address of the console that takes a POST is named here with its counterpart, or with why
there is none. One that is missing fails.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter, StringConverter
from django.urls.resolvers import RoutePattern
from drf_spectacular.generators import SchemaGenerator

from apps.console.urls import urlpatterns
from tests import people

CONVERSATION = "conversations/{id}"
COUNTERPARTS = {
    "presence": "POST users/me/presence/",
    "take_next": "POST conversations/take-next/",
    "keep": "POST conversations/keep/",
    "keep_view": "POST views/",
    "change_view": "PATCH views/{id}/",
    "drop_view": "DELETE views/{id}/",
    "decide": "POST conversations/decide/",
    "reply": f"POST {CONVERSATION}/reply/",
    "note": f"POST {CONVERSATION}/notes/",
    "draft": f"PUT {CONVERSATION}/draft/",
    "split": f"POST {CONVERSATION}/split/",
    "add_pictures": f"POST {CONVERSATION}/pictures/",
    "describe_picture": "PATCH pictures/{id}/",
    "remove_picture": "DELETE pictures/{id}/",
    "take": f"POST {CONVERSATION}/take/",
    "assign": f"POST {CONVERSATION}/assign/",
    "tag": f"POST {CONVERSATION}/tag/",
    "prioritize": f"POST {CONVERSATION}/prioritize/",
    "flag": f"POST {CONVERSATION}/flag/",
    "resolve": f"POST {CONVERSATION}/resolve/",
    "undo_resolve": f"POST {CONVERSATION}/undo-resolve/",
    "dismiss": f"POST {CONVERSATION}/dismiss/",
    "snooze": f"POST {CONVERSATION}/snooze/",
    "wake": f"POST {CONVERSATION}/wake/",
    "pause": f"POST {CONVERSATION}/pause/",
    "unpause": f"POST {CONVERSATION}/unpause/",
    "undo": "POST messages/{id}/undo/",
    "send_now": "POST messages/{id}/send-now/",
    "discard": "POST messages/{id}/discard/",
    "pin": "POST messages/{id}/pin/",
    "pledge": "POST promises/",
    "settle": "POST promises/{id}/settle/",
    "decide_match": "POST matches/{id}/confirm/",
    "merge": "POST matches/",
    "name_customer": "PATCH customers/{id}/",
    "new_hours": "POST hours/",
    "hours": "PATCH hours/{id}/",
    "me": "PATCH users/me/",
    "my_theme": "PATCH users/me/",
    "shifts": "POST shifts/",
    "shift": "POST shifts/{id}/move/",
    "remove_shift": "DELETE shifts/{id}/",
    "copy_week": "POST shifts/copy/",
    "read_all": "POST notifications/read/",
    "new_policy": "POST policies/",
    "policy": "PATCH policies/{id}/",
    "move_policy": "POST policies/{id}/move/",
    "retire_policy": "POST policies/{id}/retire/",
    "person": "PATCH users/{id}/",
    "let_go": "POST users/{id}/let-go/",
    "return_person": "POST users/{id}/bring-back/",
    "sign_out_person": "POST users/{id}/sign-out/",
    "new_team": "POST teams/",
    "drop_team": "DELETE teams/{id}/",
    "new_channel": "POST channels/",
    "channel": "PATCH channels/{id}/",
    "channel_deed": "POST channels/{id}/pause/",
    "export_audit": "GET events/",
    "team": "PATCH teams/{id}/",
    "new_label": "POST tags/",
    "label": "PATCH tags/{id}/",
    "retire_label": "POST tags/{id}/retire/",
    "restore_label": "POST tags/{id}/restore/",
    "new_webhook": "POST webhooks/",
    "webhook_page": "PATCH webhooks/{id}/",
    "webhook_secret": "GET webhooks/{id}/secret/",
    "webhook_deed": "POST webhooks/{id}/test/",
    "redeliver": "POST webhooks/{id}/log/{telling}/redeliver/",
    "new_snippet": "POST snippets/",
    "snippet": "PATCH snippets/{id}/",
    "delete_snippet": "DELETE snippets/{id}/",
    "retry": "POST set-aside/{id}/retry/",
}
NONE_BECAUSE = {
    "accept": "Whoever was invited is not signed in yet.",
    "invite": "It asks who one is once more, and only a person at a page can tell.",
    "renew": "It mails a link that lets somebody in: as inviting does.",
    "withdraw": "Invitations are looked after where they are sent.",
    "place": "It asks who one is once more, and only a person at a page can tell.",
    "drop_factor": "It asks who one is once more, and only a person at a page can tell.",
    "new_program": "Who lets a program in is shown its secret once, on a page.",
    "program": "Programs never decide about programs.",
    "renew_program_secret": "Who asks for it is shown the secret once, on a page.",
    "remove_program": "Programs never decide about programs.",
    "channel_secret": "Whoever connects a channel is shown its secret on a page.",
    "end_session": "People look after their own sign-ins where they sign in.",
    "end_other_sessions": "People look after their own sign-ins where they sign in.",
    "seen": "An open page says that somebody touched it.",
    "many": "It shows what can be decided about those that are chosen.",
    "hints": "An open composer is told what it shows beside the text.",
    "asked": "An open composer is told what it shows beside the text.",
    "together": "Open pages tell each other who looks and who types.",
}
pytestmark = pytest.mark.django_db


def takes_a_post(client: Client, pattern: URLPattern) -> bool:
    """Ask the address itself, about what there is not."""
    assert isinstance(pattern.pattern, RoutePattern)
    named = {name: sample(one) for name, one in pattern.pattern.converters.items()}
    return client.post(reverse(str(pattern.name), kwargs=named)).status_code != 405


def sample(converter: Any) -> object:
    """An id that nothing has; of names, the first."""
    if isinstance(converter, IntConverter):
        return 99999999
    return "nothing" if isinstance(converter, StringConverter) else converter.regex.split("|")[0]


def test_every_console_action_has_its_counterpart() -> None:
    ada = people.a_user("Ada Moreau", role="admin", team=people.a_team())
    client = Client(raise_request_exception=False)
    client.force_login(ada)
    posts = {str(one.name) for one in urlpatterns if takes_a_post(client, one)}
    named = COUNTERPARTS.keys() | NONE_BECAUSE.keys()
    assert posts - named == set(), "give it a counterpart in the API, or say why it needs none"
    assert named - posts == set(), "the console does not do this any more"

    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    described = {
        f"{method.upper()} {address.removeprefix('/api/v1/')}"
        for address, methods in schema["paths"].items()
        for method in methods
    }
    assert set(COUNTERPARTS.values()) - described == set()
