"""Scenarios: data, a prompt and wishes that fit together, in English and in Chinese.

To add one: a `Scenario` in `SCENARIOS`, two templates called after it in the library (see
`recsys.prompts.library`), and data in `recsys.sources` where none of it fits yet. A test goes over
the dict: the data opens, the templates read well on it, and the attributes are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recsys.schema import N_


@dataclass(frozen=True)
class Preset:
    """A scenario in one language.

    Attributes:
        sample: a key of `SOURCES`.
        template: a key of `LIBRARY`.
        noun: what the items are called.
        verb: what people did with them.
        intents: example wishes.
        questions: example questions.
    """

    sample: str
    template: str
    noun: str
    verb: str
    intents: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """A use of a recommender, such as films for an evening.

    Attributes:
        key: the key in `SCENARIOS`.
        title, description: for people (gettext templates).
        icon: the name of a Material symbol.
        attributes: the attributes of items that its templates use.
        presets: by language.
    """

    key: str
    title: str
    description: str
    icon: str
    attributes: tuple[str, ...]
    presets: Mapping[str, Preset]


_FILM_QUESTIONS = (
    "What should I watch with my kids tonight?",
    "Is there a good thriller from the nineties?",
    "Can you recommend something funny without romance?",
    "Which film should we see on date night?",
)
_FILM_QUESTIONS_ZH = (
    "今晚和孩子看什么好？",
    "有什么九十年代的惊悚片推荐吗？",
    "能推荐一部搞笑的、不要爱情的电影吗？",
    "有没有经典的西部片？",
)

SCENARIOS: dict[str, Scenario] = {
    scenario.key: scenario
    for scenario in (
        Scenario(
            key="films",
            title=N_("Films"),
            description=N_("What to watch next, after real ratings by 671 people."),
            icon="movie",
            attributes=("genres",),
            presets={
                "en": Preset(
                    sample="movielens",
                    template="films",
                    noun="films",
                    verb="watched",
                    intents=(
                        "something funny that makes me laugh",
                        "a funny western from before 1990",
                        "a journey through space, nothing scary",
                        "a film to watch with small children",
                        "a love story that makes me cry",
                    ),
                    questions=_FILM_QUESTIONS,
                ),
                "zh": Preset(
                    sample="movielens",
                    template="films-zh",
                    noun="电影",
                    verb="看了",
                    intents=(
                        "想看一部喜剧片",
                        "九十年代的科幻片",
                        "和孩子一起看的动画片",
                        "悬疑片，不要恐怖",
                        "浪漫的爱情故事",
                    ),
                    questions=_FILM_QUESTIONS_ZH,
                ),
            },
        ),
        Scenario(
            key="groceries",
            title=N_("Groceries"),
            description=N_("What belongs into the basket, after a year of purchases."),
            icon="shopping_basket",
            attributes=("category", "department"),
            presets={
                "en": Preset(
                    sample="groceries",
                    template="groceries",
                    noun="products",
                    verb="bought",
                    intents=(
                        "a quick breakfast",
                        "snacks for a party",
                        "food for a baby",
                        "frozen pizza for tonight",
                        "something for the cat",
                    ),
                    questions=(
                        "What should I buy for breakfast?",
                        "Which coffee would you suggest?",
                        "What do I need for the baby?",
                    ),
                ),
                "zh": Preset(
                    sample="groceries",
                    template="groceries-zh",
                    noun="商品",
                    verb="购买了",
                    intents=("早餐麦片", "聚会零食", "宝宝辅食", "今晚吃披萨", "给猫咪买猫粮"),
                    questions=("早餐买点什么好？", "有什么咖啡推荐吗？", "夏天买哪种冰淇淋？"),
                ),
            },
        ),
        Scenario(
            key="attractions",
            title=N_("Tourist attractions"),
            description=N_("Where to go next in China; real places, made-up travellers."),
            icon="tour",
            attributes=("category", "province"),
            presets={
                "en": Preset(
                    sample="attractions",
                    template="attractions",
                    noun="sights",
                    verb="visited",
                    intents=(
                        "a quiet old town by the water",
                        "mountains to climb at sunrise",
                        "a day of fun with the children",
                        "a beach, no theme parks",
                        "somewhere to eat street food",
                    ),
                    questions=(
                        "Where should I go with my kids?",
                        "Which museums would you suggest?",
                        "Can you recommend a place by the sea?",
                    ),
                ),
                "zh": Preset(
                    sample="attractions-zh",
                    template="attractions-zh",
                    noun="景点",
                    verb="浏览了",
                    intents=(
                        "想去博物馆",
                        "找个古镇逛逛",
                        "带孩子去主题乐园",
                        "去海边，不要爬山",
                        "哪里有好吃的小吃",
                    ),
                    questions=(
                        "周末带孩子去哪儿玩？",
                        "有什么博物馆推荐吗？",
                        "想看海，去哪儿好？",
                    ),
                ),
            },
        ),
        Scenario(
            key="news",
            title=N_("News"),
            description=N_("Which story to read next; invented headlines and readers."),
            icon="newspaper",
            attributes=("category", "topics"),
            presets={
                "en": Preset(
                    sample="news",
                    template="news",
                    noun="stories",
                    verb="read",
                    intents=(
                        "something about space",
                        "good news about animals",
                        "what to do with my savings",
                        "sport, but no football",
                        "sleeping better",
                    ),
                    questions=(
                        "What is new in technology?",
                        "What should I read about the climate?",
                        "Is there anything on museums?",
                    ),
                ),
                "zh": Preset(
                    sample="news-zh",
                    template="news-zh",
                    noun="报道",
                    verb="阅读了",
                    intents=(
                        "太空探索的消息",
                        "关于动物的新闻",
                        "股市和投资",
                        "体育，不要足球",
                        "睡不着怎么办",
                    ),
                    questions=(
                        "科技方面有什么新鲜事？",
                        "有什么美食报道推荐吗？",
                        "最近有什么展览？",
                    ),
                ),
            },
        ),
        Scenario(
            key="music",
            title=N_("Music"),
            description=N_("What to play next; invented bands, songs and listeners."),
            icon="music_note",
            attributes=("genre", "mood", "decade"),
            presets={
                "en": Preset(
                    sample="music",
                    template="music",
                    noun="tracks",
                    verb="listened to",
                    intents=(
                        "something calm for studying",
                        "fast songs for running",
                        "rock from the eighties",
                        "romantic jazz",
                        "cheer me up, nothing sad",
                    ),
                    questions=(
                        "What should I listen to while studying?",
                        "Can you recommend some classical music?",
                        "Which happy songs would you play at a party?",
                    ),
                ),
                "zh": Preset(
                    sample="music-zh",
                    template="music-zh",
                    noun="曲目",
                    verb="听了",
                    intents=(
                        "学习时听的安静音乐",
                        "跑步、健身时听的",
                        "八十年代的摇滚",
                        "浪漫的爵士乐",
                        "开心一点的，不要伤感",
                    ),
                    questions=("睡前听什么好？", "有什么民谣推荐吗？", "聚会上放什么开心的歌？"),
                ),
            },
        ),
        Scenario(
            key="courses",
            title=N_("Courses"),
            description=N_("What to learn next; invented courses and learners."),
            icon="school",
            attributes=("subject", "level"),
            presets={
                "en": Preset(
                    sample="courses",
                    template="courses",
                    noun="courses",
                    verb="took",
                    intents=(
                        "learn to code from scratch",
                        "advanced mathematics",
                        "cooking for beginners",
                        "take better photos",
                        "get fit and healthy",
                    ),
                    questions=(
                        "Which language should I learn?",
                        "What can I take as a beginner in music?",
                        "Can you recommend a course on writing?",
                    ),
                ),
                "zh": Preset(
                    sample="courses-zh",
                    template="courses-zh",
                    noun="课程",
                    verb="学习了",
                    intents=(
                        "零基础学编程",
                        "高级数学课",
                        "想学做饭",
                        "怎样拍照更好看",
                        "学一门外语",
                    ),
                    questions=(
                        "新手学什么音乐课好？",
                        "有什么写作课推荐吗？",
                        "想养生，学什么好？",
                    ),
                ),
            },
        ),
        Scenario(
            key="questions",
            title=N_("Question and answer"),
            description=N_("Ask what to watch, in your own words, and be answered with reasons."),
            icon="forum",
            attributes=("genres",),
            presets={
                "en": Preset(
                    sample="movielens",
                    template="questions",
                    noun="films",
                    verb="watched",
                    intents=_FILM_QUESTIONS,
                    questions=_FILM_QUESTIONS,
                ),
                "zh": Preset(
                    sample="movielens",
                    template="questions-zh",
                    noun="电影",
                    verb="看了",
                    intents=_FILM_QUESTIONS_ZH,
                    questions=_FILM_QUESTIONS_ZH,
                ),
            },
        ),
    )
}


def preset_of(sample: str | None, language: str, template: str | None = None) -> Preset | None:
    """A preset on a sample, one in `language` before others, then one with a template before
    others, then the first; None where there is none."""
    on_sample = [
        (preset_language, preset)
        for scenario in SCENARIOS.values()
        for preset_language, preset in scenario.presets.items()
        if preset.sample == sample
    ]
    on_sample.sort(key=lambda pair: (pair[0] != language, pair[1].template != template))
    return on_sample[0][1] if on_sample else None


def item_words(sample: str, language: str) -> tuple[str | None, str | None]:
    """What the items of a sample are called and what people did with them, in a language."""
    for scenario in SCENARIOS.values():
        if any(preset.sample == sample for preset in scenario.presets.values()):
            return scenario.presets[language].noun, scenario.presets[language].verb
    return None, None
