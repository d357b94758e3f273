"""Questions and answers about what to recommend, and questions that go on from an answer.

`recsys.conversation.answer` imports the models, so it is imported on its own.
"""

from recsys.conversation.follow_ups import (
    Conversation,
    FollowUp,
    follow_up,
    is_question,
    speaks_of_items,
)

__all__ = ["Conversation", "FollowUp", "follow_up", "is_question", "speaks_of_items"]
