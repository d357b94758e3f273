"""Which variable is meant by another name: one misspelt, translated, or brought from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

#: What the variables are called elsewhere: in prompts of other products, and in other languages.
_CALLED: dict[str, str] = {
    "history": (
        "items item titles movies films books products songs tracks seen watched viewed visited "
        "bought purchased purchases purchase clicks clicked events interactions sessions past "
        "watchlist reviews ratings messages chat_history 历史 历史记录 记录 看过 观看 浏览 浏览过 "
        "买过 购买 点击 听过 读过 行为 片名 歷史 歴史 履歴 historial historique verlauf historia "
        "história historico histórico история просмотры geschichte vistos vus"
    ),
    "liked": (
        "likes like loved loves favorites favourites favorite favourite preferred positive 喜欢 "
        "喜爱 最爱 收藏 偏爱 喜歡 好き gustos gustados favoritos favoris aimés gemocht gefallen "
        "favoriten curtidos любимые понравилось"
    ),
    "disliked": (
        "dislikes dislike hated hates negative unliked not_liked 不喜欢 讨厌 不爱 不喜歡 嫌い "
        "disgustos détestés abneigungen нелюбимые"
    ),
    "interests": (
        "interest interested preferences preference tastes taste topics tags categories hobbies "
        "兴趣 爱好 偏好 興趣 趣味 intereses intérêts interessen interesses интересы"
    ),
    "about": (
        "profile user_profile userinfo user_info persona bio demographics user me description "
        "用户 用户信息 用户画像 画像 个人信息 关于 perfil profil usuario utilisateur nutzer профиль"
    ),
    "intent": (
        "query question request wish wants want prompt input text ask need needs user_input "
        "user_query instruction instructions message search goal 意图 需求 问题 请求 愿望 想要 "
        "想看 心愿 查询 输入 意圖 意図 deseo consulta pregunta pedido souhait requête wunsch "
        "anfrage desejo запрос желание"
    ),
    "knowledge": (
        "facts fact context documents docs kg graph background memory retrieved 知识 事实 资料 "
        "背景 上下文 知識 conocimiento connaissances wissen conhecimento знания"
    ),
    "now": (
        "time date today datetime current_time current_date timestamp day weekday 现在 时间 "
        "当前时间 今天 日期 现在时间 時間 今 ahora fecha maintenant jetzt heute agora сейчас дата"
    ),
}
#: Variables that all data have.
GENERIC = tuple(_CALLED)
_MEANT = {called: name for name, words in _CALLED.items() for called in words.split()}
_NOT_LATIN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def meant(name: str, known: Collection[str], likeness: float = 0.8) -> str | None:
    """The variable that a name stands for; None where none is near.

    Args:
        name: a name as somebody wrote it.
        known: the variables that there are.
        likeness: how alike two spellings have to be, from 0 to 1 (`difflib`).
    """
    plain = simple(name)
    for one in (name, plain):
        if one in known:
            return one
    by_words = _MEANT.get(plain)
    if by_words in known:
        return by_words
    nearest = get_close_matches(plain, list(known), n=1, cutoff=likeness)
    if nearest:
        return nearest[0]
    return _by_a_part(plain, known)


def simple(name: str) -> str:
    """A name in small letters with words parted by `_`: `userHistory` is `user_history`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[\s.\-]+", "_", parted).strip("_$@").lower()


def is_translated(name: str) -> bool:
    """Whether a name is a word of Chinese or Japanese for a variable."""
    return bool(_NOT_LATIN.search(name))


def _by_a_part(plain: str, known: Collection[str]) -> str | None:
    """`user_history` is history; a Chinese name is by what it holds, the longest first."""
    if _NOT_LATIN.search(plain):
        for called in sorted(_MEANT, key=len, reverse=True):
            if _NOT_LATIN.search(called) and called in plain and _MEANT[called] in known:
                return _MEANT[called]
        return None
    parts = plain.split("_")
    for part in parts if len(parts) > 1 else []:
        if part in known:
            return part
    for part in parts if len(parts) > 1 else []:
        if _MEANT.get(part) in known and part != "user":
            return _MEANT[part]
    return None
