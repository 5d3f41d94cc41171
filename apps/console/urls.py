"""The console's addresses."""

from django.urls import URLPattern, path, register_converter

from apps.console.views import (
    acting,
    asking,
    attachments,
    audit,
    channels,
    conversation,
    coverage,
    customer,
    dashboard,
    desk,
    equal,
    explaining,
    hours,
    identity,
    inviting,
    labelling,
    labels,
    many,
    me,
    notifications,
    pledging,
    policies,
    presence,
    programs,
    saved,
    saying,
    search,
    sessions,
    set_aside,
    settings,
    shifts,
    snippets,
    standing,
    story,
    table_files,
    taking,
    trends,
    wall,
    webhooks,
    writing,
)
from apps.conversations.queries.asking import Queue
from apps.labels.models import Flag, Label, Tag
from apps.reports.behind_coverage import Heard
from apps.reports.behind_now import Tile


class QueueInPath:
    """A queue by its name."""

    regex = "|".join(Queue)

    def to_python(self, value: str) -> Queue:
        """Return the queue named."""
        return Queue(value)

    def to_url(self, value: Queue) -> str:
        """Return the queue's name."""
        return str(value)


class NameInPath:
    """One of some names, as it is."""

    def to_python(self, value: str) -> str:
        """Return the name."""
        return value

    def to_url(self, value: str) -> str:
        """Return it again."""
        return value


class DecisionInPath(NameInPath):
    """What is decided about many conversations at once, by its name."""

    regex = "|".join(sorted(many.DECISIONS, key=len, reverse=True))


class LabelInPath:
    """A kind of label by its noun."""

    regex = "tag|flag"

    def to_python(self, value: str) -> type[Label]:
        """Return the kind named."""
        return Tag if value == Tag.NOUN else Flag

    def to_url(self, value: type[Label] | str) -> str:
        """Return the kind's name."""
        return value if isinstance(value, str) else value.NOUN


class DeedInPath(NameInPath):
    """What may be done to a webhook, by its name."""

    regex = "|".join(webhooks.DEEDS)


class ChannelDeedInPath(DeedInPath):
    """What may be done to a channel, by its name."""

    regex = "|".join(channels.DEEDS)


class TableInPath(NameInPath):
    """A table of the dashboard by its name."""

    regex = "|".join(table_files.TABLES)


class TileInPath(NameInPath):
    """A figure of the wallboard by its name."""

    regex = "|".join(Tile)


class HeardInPath(NameInPath):
    """A figure of coverage by its name."""

    regex = "|".join(Heard)


register_converter(HeardInPath, "heard")
register_converter(TileInPath, "tile")
register_converter(ChannelDeedInPath, "channel_deed")
register_converter(QueueInPath, "queue")
register_converter(DecisionInPath, "decision")
register_converter(LabelInPath, "label")
register_converter(DeedInPath, "deed")
register_converter(TableInPath, "table")

urlpatterns: list[URLPattern] = [
    path("", desk.home, name="home"),
    path("rail/", desk.rail, name="rail"),
    path("presence/", presence.change, name="presence"),
    path("take-next/", taking.take_next, name="take_next"),
    path("keep/", taking.keep, name="keep"),
    path("presence/seen/", presence.seen, name="seen"),
    path("inbox/<queue:queue>/", desk.queue_page, name="inbox"),
    path("inbox/<queue:queue>/rows/", desk.rows, name="rows"),
    path("inbox/<queue:queue>/filters/", saved.filters, name="filters"),
    path("views/", saved.keep, name="keep_view"),
    path("views/<int:view_id>/", saved.change, name="change_view"),
    path("views/<int:view_id>/delete/", saved.drop, name="drop_view"),
    path("many/", many.chosen, name="many"),
    path("many/<decision:decision>/", many.decide, name="decide"),
    path("palette/", search.palette, name="palette"),
    path("search/", search.search, name="search"),
    path("conversations/<int:conversation_id>/", conversation.page, name="conversation"),
    path("conversations/<int:conversation_id>/refresh/", conversation.refresh, name="refresh"),
    path("conversations/<int:conversation_id>/story/", story.part, name="story"),
    path("conversations/<int:conversation_id>/story/found/", story.found, name="found"),
    path("conversations/<int:conversation_id>/reply/", saying.reply, name="reply"),
    path("conversations/<int:conversation_id>/note/", saying.note, name="note"),
    path("conversations/<int:conversation_id>/draft/", writing.draft, name="draft"),
    path("conversations/<int:conversation_id>/split/", saying.split, name="split"),
    path("conversations/<int:conversation_id>/pictures/", attachments.add, name="add_pictures"),
    path("pictures/<int:attachment_id>/", attachments.show, name="picture"),
    path("pictures/<int:attachment_id>/alt/", attachments.describe, name="describe_picture"),
    path("pictures/<int:attachment_id>/remove/", attachments.remove, name="remove_picture"),
    path("conversations/<int:conversation_id>/hints/", writing.hints, name="hints"),
    path("conversations/<int:conversation_id>/together/", writing.company, name="together"),
    path("conversations/<int:conversation_id>/snippets/", writing.insertable, name="insertable"),
    path("conversations/<int:conversation_id>/take/", acting.take, name="take"),
    path("conversations/<int:conversation_id>/assign/", acting.assign, name="assign"),
    path("conversations/<int:conversation_id>/tag/", labelling.tag, name="tag"),
    path("conversations/<int:conversation_id>/priority/", labelling.prioritize, name="prioritize"),
    path("conversations/<int:conversation_id>/flag/", labelling.flag, name="flag"),
    path("conversations/<int:conversation_id>/resolve/", acting.resolve, name="resolve"),
    path(
        "conversations/<int:conversation_id>/undo-resolve/",
        acting.undo_resolve,
        name="undo_resolve",
    ),
    path("conversations/<int:conversation_id>/dismiss/", acting.dismiss, name="dismiss"),
    path("conversations/<int:conversation_id>/snooze/", acting.snooze, name="snooze"),
    path("conversations/<int:conversation_id>/wake/", acting.wake, name="wake"),
    path("conversations/<int:conversation_id>/pause/", acting.pause, name="pause"),
    path("conversations/<int:conversation_id>/unpause/", acting.unpause, name="unpause"),
    path("messages/<int:message_id>/undo/", saying.undo, name="undo"),
    path("messages/<int:message_id>/send-now/", saying.send_now, name="send_now"),
    path("messages/<int:message_id>/discard/", saying.discard, name="discard"),
    path("conversations/<int:conversation_id>/asked/", asking.asked, name="asked"),
    path("messages/<int:message_id>/", identity.message, name="message"),
    path("messages/<int:message_id>/pin/", saying.pin, name="pin"),
    path("messages/<int:message_id>/pledge/", pledging.pledge, name="pledge"),
    path("pledges/<int:pledge_id>/settle/", pledging.settle, name="settle"),
    path("matches/<int:match_id>/decide/", identity.decide, name="decide_match"),
    path("customers/<int:customer_id>/", customer.page, name="customer"),
    path("customers/<int:customer_id>/merge/", identity.merge, name="merge"),
    path("customers/<int:customer_id>/name/", identity.name, name="name_customer"),
    path("hours/", hours.all_hours, name="all_hours"),
    path("hours/new/", hours.new_hours, name="new_hours"),
    path("hours/<int:hours_id>/", hours.hours, name="hours"),
    path("hours/<int:hours_id>/versions/<int:number>/", hours.version, name="hours_version"),
    path("me/", me.page, name="me"),
    path("me/sessions/", sessions.page, name="sessions"),
    path("me/sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("me/sessions/<int:session_id>/end/", sessions.end, name="end_session"),
    path("me/theme/", me.theme, name="my_theme"),
    path("shifts/", shifts.page, name="shifts"),
    path("shifts/copy/", shifts.copy, name="copy_week"),
    path("shifts/<int:shift_id>/", shifts.shift, name="shift"),
    path("shifts/<int:shift_id>/remove/", shifts.remove, name="remove_shift"),
    path("notifications/", notifications.page, name="notifications"),
    path("notifications/news/", notifications.news, name="news"),
    path("notifications/read/", notifications.read, name="read_all"),
    path("settings/policies/", policies.page, name="policies"),
    path("settings/policies/new/", policies.new, name="new_policy"),
    path("settings/policies/<int:policy_id>/", policies.policy, name="policy"),
    path("settings/policies/<int:policy_id>/move/", policies.move, name="move_policy"),
    path("settings/policies/<int:policy_id>/retire/", policies.retire, name="retire_policy"),
    path(
        "settings/policies/<int:policy_id>/versions/<int:number>/",
        policies.version,
        name="policy_version",
    ),
    path("dashboard/", trends.page, name="dashboard"),
    path("dashboard/now/", wall.tiles, name="tiles"),
    path("dashboard/wall/", wall.page, name="wall"),
    path("dashboard/wall/board/", wall.board, name="board"),
    path("dashboard/conversations/", dashboard.behind, name="behind"),
    path("dashboard/messages/", dashboard.said, name="said"),
    path("dashboard/told/", dashboard.told, name="told"),
    path("dashboard/wall/<tile:tile>/", dashboard.tile, name="tile"),
    path("dashboard/explained/", explaining.page, name="explain"),
    path("dashboard/tables/<table:table>.csv", table_files.table, name="table"),
    path("dashboard/equal/", equal.page, name="equal"),
    path("dashboard/coverage/", coverage.page, name="coverage"),
    path("dashboard/coverage/<heard:heard>/", coverage.behind, name="heard"),
    path("settings/people/", settings.people, name="people"),
    path("invitations/<str:key>/", inviting.accept, name="accept"),
    path("settings/people/invite/", inviting.invite, name="invite"),
    path("settings/invitations/<int:invitation_id>/renew/", inviting.renew, name="renew"),
    path("settings/invitations/<int:invitation_id>/withdraw/", inviting.withdraw, name="withdraw"),
    path("settings/people/<int:user_id>/place/", standing.change_place, name="place"),
    path("settings/people/<int:user_id>/return/", standing.return_person, name="return_person"),
    path("settings/people/<int:user_id>/sign-out/", standing.sign_out, name="sign_out_person"),
    path("settings/people/<int:user_id>/drop-factor/", standing.drop_factor, name="drop_factor"),
    path("settings/teams/new/", standing.new_team, name="new_team"),
    path("settings/teams/<int:team_id>/remove/", standing.drop_team, name="drop_team"),
    path("settings/people/<int:user_id>/", settings.person, name="person"),
    path("settings/people/<int:user_id>/let-go/", settings.let_go, name="let_go"),
    path("settings/teams/<int:team_id>/", settings.team, name="team"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/new/", channels.new_channel, name="new_channel"),
    path("settings/channels/<int:channel_id>/", channels.channel, name="channel"),
    path("settings/channels/<int:channel_id>/secret/", channels.show_secret, name="channel_secret"),
    path(
        "settings/channels/<int:channel_id>/<channel_deed:channel_deed>/",
        channels.act,
        name="channel_deed",
    ),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/csv/", audit.export, name="export_audit"),
    path("settings/labels/", labels.page, name="labels"),
    path("settings/labels/<label:kind>/new/", labels.new, name="new_label"),
    path("settings/labels/<label:kind>/<int:label_id>/", labels.change, name="label"),
    path("settings/labels/<label:kind>/<int:label_id>/retire/", labels.retire, name="retire_label"),
    path(
        "settings/labels/<label:kind>/<int:label_id>/restore/", labels.restore, name="restore_label"
    ),
    path("settings/programs/", programs.page, name="programs"),
    path("settings/programs/new/", programs.new, name="new_program"),
    path("settings/programs/<str:client_id>/", programs.program, name="program"),
    path("settings/programs/<str:client_id>/secret/", programs.renew, name="renew_program_secret"),
    path("settings/programs/<str:client_id>/remove/", programs.remove, name="remove_program"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/new/", webhooks.new_webhook, name="new_webhook"),
    path("settings/webhooks/<int:subscription_id>/", webhooks.webhook, name="webhook_page"),
    path(
        "settings/webhooks/<int:subscription_id>/secret/",
        webhooks.show_secret,
        name="webhook_secret",
    ),
    path("settings/webhooks/<int:subscription_id>/log/", webhooks.log, name="webhook_log"),
    path(
        "settings/webhooks/<int:subscription_id>/log/<int:dispatch_id>/",
        webhooks.telling,
        name="telling",
    ),
    path(
        "settings/webhooks/<int:subscription_id>/log/<int:dispatch_id>/redeliver/",
        webhooks.redeliver,
        name="redeliver",
    ),
    path("settings/webhooks/<int:subscription_id>/<deed:deed>/", webhooks.act, name="webhook_deed"),
    path("settings/snippets/", snippets.page, name="snippets"),
    path("settings/snippets/new/", snippets.new, name="new_snippet"),
    path("settings/snippets/<int:snippet_id>/", snippets.change, name="snippet"),
    path("settings/snippets/<int:snippet_id>/delete/", snippets.delete, name="delete_snippet"),
    path("set-aside/", set_aside.page, name="set_aside"),
    path("set-aside/<int:set_aside_id>/retry/", set_aside.retry, name="retry"),
]
