"""The rows of the heart: threads, conversations, messages, acts, drafts, clocks, notifications.

A foreign key that begins another index has none of its own: these tables are written at speed.
"""

from apps.conversations.models.act import Act, ActPart
from apps.conversations.models.attachment import Attachment
from apps.conversations.models.clock import Clock
from apps.conversations.models.conversation import Conversation, ConversationTag
from apps.conversations.models.draft import Draft
from apps.conversations.models.message import Message
from apps.conversations.models.notification import Letter, Notification
from apps.conversations.models.pin import Pin
from apps.conversations.models.pledge import Pledge
from apps.conversations.models.sameness import Band, Likeness, LikenessProgress, Wording
from apps.conversations.models.search import SearchEntry, Unsearched
from apps.conversations.models.snippet import Snippet
from apps.conversations.models.thread import Placeholder, Removal, Thread
from apps.conversations.models.trace import Trace, TracesRead
from apps.conversations.models.uncounted import Uncounted
from apps.conversations.models.view import SavedView

__all__ = [
    "Act",
    "ActPart",
    "Attachment",
    "Band",
    "Clock",
    "Conversation",
    "ConversationTag",
    "Draft",
    "Letter",
    "Likeness",
    "LikenessProgress",
    "Message",
    "Notification",
    "Pin",
    "Placeholder",
    "Pledge",
    "Removal",
    "SavedView",
    "SearchEntry",
    "Snippet",
    "Thread",
    "Trace",
    "TracesRead",
    "Uncounted",
    "Unsearched",
    "Wording",
]
