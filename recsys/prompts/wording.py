"""Values put into English and Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: The hour at which a part of the day ends, and its names.
_DAY_PARTS = (
    (5, "night", "深夜"),
    (12, "morning", "上午"),
    (18, "afternoon", "下午"),
    (22, "evening", "晚上"),
    (24, "night", "深夜"),
)
#: What columns that data often has are called in Chinese.
_COLUMNS_ZH = {
    "age": "年龄", "gender": "性别", "occupation": "职业", "city": "城市", "interest": "兴趣",
    "income": "收入", "household": "家庭", "household_size": "家庭人数", "kids_count": "孩子数",
    "marital_status": "婚姻状况", "home_ownership": "住房",
    "genres": "类型", "genre": "流派", "year": "年份", "decade": "年代", "mood": "氛围",
    "artist": "艺人", "category": "类别", "department": "部门", "brand": "品牌",
    "province": "省份", "topics": "话题", "published": "发表日期", "subject": "学科",
    "level": "难度", "hours": "课时", "intro": "简介", "summary": "简介",
}  # fmt: skip
#: How many interests, recent items, and liked or disliked items a sentence names.
_INTERESTS, _RECENT, _RATED = 3, 5, 3


def time_words(moment: datetime, language: str) -> str:
    """A moment in words: "a Friday evening" or “周五晚上”."""
    _, part, part_zh = next(row for row in _DAY_PARTS if moment.hour < row[0])
    if language == "zh":
        return _WEEKDAYS_ZH[moment.weekday()] + part_zh
    return f"a {_WEEKDAYS[moment.weekday()]} {part}"


def enumeration(entries: Sequence[str], language: str) -> str:
    """ "A, B and C", or “A、B、C”; with commas inside, as in "Net, The", "A; B; and C"."""
    if language == "zh":
        return "、".join(entries)
    if len(entries) < 2:
        return "".join(entries)
    if len(entries) > 2 and any("," in entry for entry in entries):
        return f"{'; '.join(entries[:-1])}; and {entries[-1]}"
    return f"{', '.join(entries[:-1])} and {entries[-1]}"


def column_words(column: str, language: str) -> str:
    """What a person calls a column of the data; its own name where no better one is known."""
    known = _COLUMNS_ZH.get(column.lower()) if language == "zh" else None
    return known or column.replace("_", " ")


def described(
    values: Mapping[str, str | list[str]],
    language: str,
    *,
    rated: bool,
    last_active: datetime | None,
    noun: str | None,
    verb: str | None,
) -> list[str]:
    """Sentences about a user, from the values of their variables."""
    write = _chinese if language == "zh" else _english
    return write(values, rated=rated, last_active=last_active, noun=noun, verb=verb)


def _names(values: Mapping[str, str | list[str]], name: str, language: str, last: int) -> str:
    """The newest entries of a list of titles, put together; "" for none."""
    return enumeration(list(values.get(name, ()))[-last:], language)


def _english(
    values: Mapping[str, str | list[str]],
    *,
    rated: bool,
    last_active: datetime | None,
    noun: str | None,
    verb: str | None,
) -> list[str]:
    interests = enumeration(list(values.get("interests", ()))[:_INTERESTS], "en")
    recent = _names(values, "history", "en", _RECENT)
    parts = [f"likes {interests}"] if interests else []
    if recent:
        parts.append(f"recently {verb or 'met'} {f'the {noun} ' if noun else ''}{recent}")
    sentences = [f"The user {' and '.join(parts)}."] if parts else []
    if rated:
        liked, disliked = (_names(values, name, "en", _RATED) for name in ("liked", "disliked"))
        sentences += [f"The user gave a high rating to {liked}."] if liked else []
        sentences += [f"The user did not like {disliked}."] if disliked else []
    about = ", ".join(values.get("about", ()))
    sentences += [f"About the user: {about}."] if about else []
    if last_active is not None:
        date = f"{last_active.day} {_MONTHS[last_active.month - 1]} {last_active.year}"
        sentences.append(f"Last active on {date}, {time_words(last_active, 'en')}.")
    return sentences or ["Nothing is known about the user yet."]


def _chinese(
    values: Mapping[str, str | list[str]],
    *,
    rated: bool,
    last_active: datetime | None,
    noun: str | None,
    verb: str | None,
) -> list[str]:
    interests = enumeration(list(values.get("interests", ()))[:_INTERESTS], "zh")
    recent = _names(values, "history", "zh", _RECENT)
    parts = [f"喜欢{interests}"] if interests else []
    if recent:
        parts.append(f"最近{verb or '浏览了'}{recent}等{noun or '物品'}")
    sentences = [f"用户{'，'.join(parts)}。"] if parts else []
    if rated:
        liked, disliked = (_names(values, name, "zh", _RATED) for name in ("liked", "disliked"))
        sentences += [f"用户给{liked}打了高分。"] if liked else []
        sentences += [f"用户不喜欢{disliked}。"] if disliked else []
    about = "，".join(values.get("about", ()))
    sentences += [f"用户信息：{about}。"] if about else []
    if last_active is not None:
        date = f"{last_active.year}年{last_active.month}月{last_active.day}日"
        sentences.append(f"最近一次活动是在{date}，{time_words(last_active, 'zh')}。")
    return sentences or ["目前对用户一无所知。"]
