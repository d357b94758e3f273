"""What a wish asks for and what it wants to avoid: "a comedy, but no romance"."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """A stretch of words, and whether it is to be avoided."""

    text: str
    avoided: bool


def clauses(text: str) -> list[Clause]:
    """Cut a text where what is wanted turns into what is to be avoided, and back.

    "No", "without", "anything but", 不要 and the like reach to the end of their clause: to a full
    stop, to "but", or to a comma, unless what follows goes on listing ("no horror, war or crime").
    Takes time in proportion to the text, whatever stands in it: a pattern here that begins with
    white space begins where that does, or a long run of it would be tried from every place.
    """
    words = list(dict.fromkeys(_WHOLE.findall(text)))[: len(_HIDDEN)]
    text = _KEPT.sub(lambda kept: " " * len(kept[0]), text)
    text = "".join(" " if letter in _HIDDEN else letter for letter in text)
    for word, letter in zip(words, _HIDDEN, strict=False):
        text = text.replace(word, letter)
    shown = {ord(letter): word for word, letter in zip(words, _HIDDEN, strict=False)}
    found: list[Clause] = []
    for sentence in _SENTENCE.split(text):
        found += _of_sentence(sentence)
    return [Clause(clause.text.translate(shown), clause.avoided) for clause in found]


def _of_sentence(sentence: str) -> list[Clause]:
    found: list[Clause] = []
    avoided = False
    pieces = _SEPARATOR.split(sentence)  # piece, separator, piece, …
    last_or = max((word.start() for word in _OR.finditer(sentence)), default=-1)
    begin = 0
    for place in range(0, len(pieces), 2):
        piece, separator = pieces[place], pieces[place - 1] if place else ""
        begin += len(separator)
        goes_on = bool(_LISTING.fullmatch(separator)) and (
            "、" in separator or _lists_on(piece, begin <= last_or)
        )
        avoided = avoided and goes_on
        begin += len(piece)
        for part, turned in _turns(piece):
            if turned is not None:
                avoided = turned
            if part.strip():
                found.append(Clause(part.strip(), avoided))
    return found


def _turns(piece: str) -> list[tuple[str, bool | None]]:
    """The piece cut at its marks: words, and whether they turn to be avoided, or None as before."""
    if found := _AFTERWARDS.search(piece):  # "horror is not for me", 恐怖片不要
        return [(piece[: found.start()], True)]
    parts: list[tuple[str, bool | None]] = []
    begin, turned = 0, None
    for mark in _MARK.finditer(piece):
        parts.append((piece[begin : mark.start()], turned))
        begin, turned = mark.end(), mark["only"] is None and mark["end"] is None
    return [*parts, (piece[begin:], turned)]


def _lists_on(piece: str, or_to_come: bool) -> bool:
    """Whether a list of what to avoid goes on after a comma: short pieces, and an "or" to come.

    Chinese lists with a comma of its own (不要恐怖片、战争片); after the other one something new
    begins, as in English: 不要动画片，九十年代的.
    """
    if _STARTS_ANEW.search(piece) or len(piece.split(maxsplit=4)) > 3:
        return False
    return or_to_come


#: Words with a "no" in them that avoid nothing.
_KEPT = re.compile(
    r"\b(?:not only|not just|why not|no matter|no idea|no preferences?|not sure|not bad|no problem"
    r"|no rush|no longer|(?:no one|nobody)(?! should| must| may)|nowhere|no doubt"
    r"|not (?:yet )?seen|never seen|if not"
    r"|if (?:it|this|that|they)(?: is|['’]?s| are|['’]?re) not|if (?:it|this|that) isn['’]?t"
    r"|(?:do not|don['’]?t|does not|doesn['’]?t) (?:know|mind|care|remember|forget|have)"
    r"|(?:can['’]?t|can not|cannot) (?:wait|decide|choose|get enough(?: of)?|go wrong)"
    # What happens in a story: "you do not find out who did it", "I can't breathe for laughing".
    r"|you (?:do not|don['’]?t|never)(?=\s+(?!(?:want|need|show|recommend|give)\b)\w)"
    r"|(?:i|we) (?:do not|don['’]?t|never)(?=\s+(?:even |ever )?(?:laugh|smile|cry)\b)"
    r"|(?:can['’]?t|cannot|can not)(?=\s+(?!(?:really |even )?(?:stand|bear|take|handle|stomach"
    r"|watch|see|do|be|have|face|abide|deal|get into)\b)\w)"
    r"|(?:could not|couldn['’]?t) care less|(?:not|never(?: get)?) (?:tired|bored) of"
    r"|(?:won['’]?t|will not|never)"
    r" (?:let (?:me |us |him |her )?go|stop|end|sleep|give up|put down)"
    r"|nothing (?:in particular|special|beats)|has not|hasn['’]?t|have not|haven['’]?t"
    r"|did not|didn['’]?t)\b|要不要|有没有|是不是|能不能|可不可以|不知道|没关系|没有?什么要求"
    r"|不介意|不要紧|不错|没看过|不得不",
    re.IGNORECASE,
)
#: Chinese words with a "no" or a "but" in them that say something else, and are read as they are.
_WHOLE = re.compile(
    r"特别|分别|区别|性别|告别|离别|识别|喘不过气|不要命|不能(?:平静|自已|自拔|忘怀)"
    r"|不想(?:停|睡|错过)"
)
#: Letters that stand for these words while a text is cut; they are of no script.
_HIDDEN = "".join(map(chr, range(0xE100, 0xE120)))
_SENTENCE = re.compile(r"(?<![.;!?\n。；！？])[.;!?\n。；！？]+(?:\s+|$)|[;!?\n。；！？]")
_SEPARATOR = re.compile(
    r"((?:(?<!\s)\s+)?[,，、:：]\s*(?:and |or |nor )?"
    # Of a run of spaces after "anything", the second one is after none of these words.
    r"|(?:(?<!\banything)(?<!\beverything)(?<!\bnothing)(?<!\bnone)(?<!\ball)(?<!\s)"
    r"|(?<=\S\s))"
    r"\s+(?:but|however|instead|rather|yet)\s+(?!not\b|no\b|nothing\b)"
    r"|(?<!\s)\s+[-–—]+\s+"
    r"|(?<!\s)\s+and\s+(?=(?:something|some|i|give|show|make|more|plenty|lots|with|rather)\b)"
    r"|(?:但是?|而是|不过|只要|只想|我想|我要|最好|还要|还想))",
    re.IGNORECASE,
)
_LISTING = re.compile(r"\s*[,，、]\s*(?:and |or |nor )?", re.IGNORECASE)
_STARTS_ANEW = re.compile(
    r"\b(?:something|some|i|give|show|make|more|just|only|please|a|an|the|but|in|from|with|really|very)\b"
    r"|想|要|来|喜欢|推荐",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\b(?:or|nor|and)\b|或|以及|还有"
    r"|(?<![温平柔暖缓随])和(?![平谐睦气解])",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"(?P<only>\b(?:nothing|no one|none)\s+(?:but|except|other than|else (?:but|than))\b)"
    r"|\b(?:anything|everything|all|any|something|things?|whatever)?\s*(?:else )?"
    r"(?:but not|but no|except(?:ing)?(?: for)?|other than|apart from|besides|excluding|exclude)\b"
    r"|\b(?:anything|everything|all|any (?:film|movie|book|item)s?)\s+but\b"
    r"|\b(?:(?:i|we|she|he|they|you)(?:['’](?:d|ll|ve))?\s+)?(?:really |absolutely |just |also )?"
    r"(?:(?:do|does|would|will|should|is|are|am|was|can|could) ?not|"
    r"(?:do|does|would|wo|should|is|are|ca|could)n['’]?t|cannot)"
    r"(?:\s+(?:want|like|need|wish|care|stand|bear|show|recommend|give|watch|see|feel)\b)?"
    r"(?:\s+(?:to|for|me|see|watch|like|in the mood|feel))*"
    r"|\b(?:no more|(?:no one|nobody) (?:should|must|may)|no|not too|not so|not|without"
    r"|avoid(?:s|ing)?|nothing|never|neither|nor|minus|skip"
    r"|leave out|keep away from|stay away from|less|hates?(?! crimes?)|dislikes?|detests?|loathes?"
    r"|instead of|rather than|spare (?:me|us)(?: the)?|save (?:me|us) from"
    r"|free of|free from|non-(?!stop|fiction)|anti-"
    r"|(?:tired|sick|bored|weary) of|fed up with|(?:had )?enough(?: of)?|allergic to|afraid of)\b"
    r"(?:\s+(?:any|too|so|very|much|more|of))*"
    r"|不(?:要|想|喜欢|爱|看|用|能|含|太)(?:要|看|再|给我|推荐|太)*|别(?:再|给我|推荐|来|放|看|太|要)*"
    r"|讨厌|除了|除去|除开|避免|拒绝|没有|不(?=恐怖|吓人|暴力|血腥|悲伤|搞笑)"
    r"|(?P<end>以外|之外|都可以|都行|都好|都能|就行)",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"(?<!\s)\s+(?:is|are)(?: really)?(?:n['’]?t| not)"
    r" (?:for me|my (?:thing|taste|cup of tea)|what i).*$"
    r"|(?<!\s)\s+(?:(?:puts?|turns?) (?:me|us) (?:right |totally )?off|bores? (?:me|us)"
    r"|annoys? (?:me|us)|away from me)\b.*$"
    r"|(?<!\s)\s+(?:and |then )?i(?:['’]?m| am|['’]?ll| will) (?:turn|switch)(?:ing)?"
    r" (?:it |this |that )?off\b.*$"
    r"|(?:的|片)?(?:就|都)?(?:不要|不看|不喜欢|不行)了?\s*$",
    re.IGNORECASE,
)
