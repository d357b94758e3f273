"""Which column of a file means what: by its name in English or Chinese, else by its content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Literal

import pandas as pd

from recsys.schema import (
    INTERACTION_COLUMNS,
    ITEM_ID,
    N_,
    POSITION,
    RATING,
    REQUIRED_INTERACTION_COLUMNS,
    TIMESTAMP,
    TITLE,
    USER_ID,
    ConfigError,
    DataError,
)

Kind = Literal["interactions", "items", "users"]

#: Spellings of each column, the surest first, in lower case without spaces or punctuation.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    USER_ID: tuple(
        """userid user uid usr userkey userno usernumber customerid customer custid customerno
        householdid household householdkey memberid member visitorid visitor clientid client
        accountid account profileid profile buyerid buyer shopperid personid person readerid
        reader viewerid sessionid session reviewerid reviewer authorid username 用户id 用户编号
        用户 用户名 顾客id 顾客编号 顾客 客户id 客户编号 客户 会员id 会员编号 会员 游客id 游客编号
        游客 读者id 读者 用戶id 用戶 使用者id 使用者""".split()
    ),
    ITEM_ID: tuple(
        """itemid item iid itemkey itemno movieid movie filmid film productid product productcode
        sku skuid goodsid goods articleid article bookid book isbn songid song trackid track
        artistid artist asin stockcode poiid poi placeid place venueid venue attractionid
        attraction spotid gameid game appid videoid video newsid news contentid content courseid
        recipeid postid documentid docid 物品id 物品编号 物品 商品id 商品编号 商品 产品id 产品编号
        产品 项目id 项目 电影id 电影编号 电影 影片id 影片 图书id 图书 书籍id 书籍 歌曲id 歌曲
        音乐id 视频id 视频 文章id 文章 新闻id 新闻 景点id 景点编号 景点 课程id 课程 商品編號
        景點id 景點""".split()
    ),
    RATING: tuple(
        """rating ratings score scores stars star rate userrating reviewscore reviewrating
        overall grade preference 评分 打分 分数 得分 星级 评级 喜好 評分 分數""".split()
    ),
    TIMESTAMP: tuple(
        """timestamp unixtimestamp time datetime date ts unixtime eventtime createdat created
        updatedat transactiontimestamp transactiondate purchasedate purchasetime orderdate
        invoicedate ratedat watchedat playedat visitedat visitdate visittime day reviewdate
        reviewtime unixreviewtime 时间戳 时间 日期 时刻 评分时间 购买时间 浏览时间 访问时间 下单时间
        创建时间 时间戳记 時間戳 時間""".split()
    ),
    POSITION: tuple(
        """position pos order sequence seq step rank index idx eventorder ordernumber
        addtocartorder 顺序 次序 序号 位置 順序 序號""".split()
    ),
    TITLE: tuple(
        """title name itemname itemtitle productname producttitle movietitle moviename filmtitle
        booktitle booktitles songname songtitle trackname gamename displayname 标题 名称
        名字 商品名称 商品名 产品名称 电影名称 电影名 片名 书名 歌名 景点名称 景点名 物品名称
        標題 名稱 movie film product book song track attraction game video 电影 影片 图书 歌曲 商品
        产品 景点 物品""".split()
    ),
}
_ALL_SPELLINGS = frozenset(s for group in _SPELLINGS.values() for s in group)
_WANTED: dict[Kind, tuple[str, ...]] = {
    # A title beside each event is enough to show the items by name where no items file is given.
    "interactions": (*INTERACTION_COLUMNS, TITLE),
    "items": (ITEM_ID, TITLE),
    "users": (USER_ID,),
}
_REQUIRED: dict[Kind, tuple[str, ...]] = {
    "interactions": REQUIRED_INTERACTION_COLUMNS,
    "items": (ITEM_ID,),
    "users": (USER_ID,),
}
#: In a file of items or users a plain "id" can only be theirs; beside events it may count events.
_PLAIN_IDS = ("id", "编号", "編號", "no", "key", "code")
_SAMPLE_ROWS = 5_000
#: Of a table with hundreds of columns fewer rows are looked at.
_SAMPLE_CELLS = 2_000_000
_LISTED_COLUMNS = 40
#: A date with its year, or the seconds or milliseconds of a time since about 1990.
_TIME = (
    r"(?:19|20)\d\d[-/.年]\d.*|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d.*"
    r"|[6-9]\d{8}|1\d{9}(?:\d{3})?"
)


def known_names(names: Sequence[str]) -> int:
    """How many of the names are spellings of a canonical column."""
    return sum(plain_name(name) in _ALL_SPELLINGS for name in names)


def guess_columns(frame: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """Guess which column of `frame` is which: canonical name → column name, where one is found."""
    return _complete({}, frame, kind)


def rename(frame: pd.DataFrame, mapping: Mapping[str, str], kind: Kind) -> pd.DataFrame:
    """Give the columns of `mapping` (canonical → column) their canonical names.

    A column that has a canonical name but is not chosen for it gets an underscore behind it.

    Raises:
        ConfigError: a canonical name that does not exist, or one column chosen twice.
        DataError: a chosen column is not in the file, or a required one is not chosen.
    """
    chosen = {canonical: column for canonical, column in mapping.items() if column}
    for canonical in mapping:
        if canonical not in _WANTED[kind]:
            raise ConfigError(
                N_('"{name}" is not a column that can be chosen. Choose among {names}.'),
                name=canonical,
                names=", ".join(_WANTED[kind]),
            )
    for canonical, column in chosen.items():
        if column not in frame.columns:
            raise DataError(
                N_('There is no column "{column}" to use as {name}. The columns are: {columns}.'),
                column=column,
                name=canonical,
                columns=_listed(frame),
            )
    if len(set(chosen.values())) < len(chosen):
        raise ConfigError(
            N_("One column cannot be used twice. Choose a different column for each of {names}."),
            names=", ".join(chosen),
        )
    missing = [name for name in _REQUIRED[kind] if name not in chosen]
    if missing:
        raise DataError(
            N_("No column was found for {names}. Say which it is. The columns are: {columns}."),
            names=", ".join(missing),
            columns=_listed(frame),
        )
    aside = {
        c: next(name for i in count(1) if (name := f"{c}{'_' * i}") not in frame.columns)
        for c in _WANTED[kind]
        if c in frame.columns and chosen.get(c) != c
    }
    return frame.rename(columns={**aside, **{column: c for c, column in chosen.items()}})


def choose_columns(
    frame: pd.DataFrame, kind: Kind, chosen: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Rename by what a person has `chosen`, and by guess for the rest; "" chooses no column."""
    return rename(frame, _complete(chosen or {}, frame, kind), kind)


def parse_mapping(text: str) -> dict[str, str]:
    """Parse ``user_id=u,item_id=m`` into a dict. Raises `ConfigError` where it is not that."""
    mapping: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        canonical, equals, column = (p.strip() for p in part.partition("="))
        if not equals or not canonical or canonical in mapping:
            raise ConfigError(
                N_('Columns are given as "user_id=u,item_id=m", each once; "{part}" is not.'),
                part=part,
            )
        mapping[canonical] = column
    return mapping


def _complete(chosen: Mapping[str, str], frame: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """`chosen` and guesses for the columns that it does not speak of."""
    found = dict(chosen)
    named = {c: columns_named(frame, c, kind) for c in _WANTED[kind] if c not in chosen}
    for canonical, columns in named.items():
        free = [c for c in columns if c not in found.values()]
        if free:
            found[canonical] = free[0]
    if kind == "interactions":
        return _by_content(found, frame)
    key = _REQUIRED[kind][0]
    if key not in found:
        distinct = [c for c in _leftover(found, frame) if _looks_like_key(frame[c])]
        if distinct:
            found[key] = distinct[0]
    return found


def columns_named(frame: pd.DataFrame, canonical: str, kind: Kind) -> list[str]:
    """Columns whose name is a spelling of `canonical`, the surest first."""
    spellings = _SPELLINGS[canonical]
    if kind != "interactions" and canonical in _REQUIRED[kind]:
        spellings += _PLAIN_IDS
    places = [
        (-1 if c == canonical else spellings.index(plain_name(c)), c)
        for c in map(str, frame.columns)
        if c == canonical or plain_name(c) in spellings
    ]
    return [column for _, column in sorted(places, key=lambda p: p[0])]


def _by_content(found: dict[str, str], frame: pd.DataFrame) -> dict[str, str]:
    """Fill in users and items (and, in a file without any known name, the rest) by content."""
    missing = [c for c in REQUIRED_INTERACTION_COLUMNS if c not in found]
    if found and not missing:
        return found
    left = _leftover(found, frame)
    sample = frame.head(min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(1, len(left))))
    if not found:
        times = [c for c in left if _looks_like_time(sample[c])]
        ratings = [c for c in left if c not in times and _looks_like_rating(sample[c])]
        # With only two columns left, those must be the users and the items.
        if times and len(left) > 2:
            found[TIMESTAMP] = times[-1]
        if ratings and len(_leftover(found, frame)) > 2:
            found[RATING] = ratings[-1]
    else:
        left = [c for c in left if not _looks_like_time(sample[c])] or left
    for canonical in missing:
        free = (c for c in left if c not in found.values() and sample[c].map(bool).any())
        if first := next(free, None):
            found[canonical] = first
    return found


def _leftover(found: Mapping[str, str], frame: pd.DataFrame) -> list[str]:
    return [c for c in map(str, frame.columns) if c not in found.values()]


def _looks_like_time(column: pd.Series) -> bool:
    cells = column.astype(str)
    return len(cells) > 0 and bool(cells.str.fullmatch(_TIME).mean() > 0.8)


def _looks_like_rating(column: pd.Series) -> bool:
    values = pd.to_numeric(column, errors="coerce").dropna()
    return (
        len(values) > 0.5 * len(column)
        and bool(values.between(-10, 100).all())
        and values.nunique() <= min(25, max(2, len(values) // 2))
    )


def _looks_like_key(column: pd.Series) -> bool:
    return column.dtype != object and column.is_unique and bool((column != "").all())


def plain_name(name: str) -> str:
    """A name in lower case without spaces or punctuation: ``User-ID`` → ``userid``."""
    return re.sub(r"[\W_]+", "", name.casefold())


def _listed(frame: pd.DataFrame) -> str:
    listed = [*map(str, frame.columns[:_LISTED_COLUMNS])]
    return ", ".join(listed) + (", …" if len(frame.columns) > _LISTED_COLUMNS else "")
