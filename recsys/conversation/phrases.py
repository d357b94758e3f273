"""Phrases of questions that go on from an answer, or are about no items, English and Chinese."""

from __future__ import annotations

import re

WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat makes\b|\breasons?\b|为什么|为啥|为何|凭什么|理由", re.IGNORECASE
)
WHY_NOT = re.compile(r"\bwhy (?:not|don['’]?t)\b(?!.*\?{2})|为什么不|为何不", re.IGNORECASE)
BARE_WHY = re.compile(
    r"(?:but |and |so )?(?:why|how come)[\s?!.]*|(?:那)?(?:为什么|为啥|为何)[呢？?！]*", re.I
)
REFERS = re.compile(
    r"\b(?:that|this|it|these|those|them|recommend\w*|suggest\w*|pick(?:ed)?|ch(?:oose|ose)|list"
    r"|first|one)\b|推荐|这个|那个|这部|那部|它|这些|选",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"(?:\bthe |\bnumber |\bno\.? ?|#)(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th"
    r"|[1-9]|one"
    r"|two|three|four|five)\b(?!\s+(?:time|thing|of all))"
    r"|\b(first|second|third|fourth|fifth|last) (?:one|film|movie|book|item)\b"
    r"|第([一二三四五1-5])|(最后)(?:那|一)?[个部首本条]",
    re.IGNORECASE,
)
NUMBERS = {
    word: place
    for place, words in enumerate(
        (
            "first 1st 1 one 一",
            "second 2nd 2 two 二",
            "third 3rd 3 three 三",
            "fourth 4th 4 four 四",
            "fifth 5th 5 five 五",
        )
    )
    for word in words.split()
}
REFUSES = re.compile(
    r"\b(?:i|we)(?:['’]?ve| have| had)?\s+(?:already |just )?(?:seen|watched|read|heard|know"
    r"|knew|own|had"
    r"|bought|visited|played|saw|been|done|got|taken|tried)\s+(?:already )?"
    r"(?:it|that|this|them|these|those|all|both|the|number|no\b|#|there)"
    r"|^(?:already )?(?:seen|watched|read|heard|done|bought|visited)\b"
    r"|\b(?:seen|watched|read|heard|visited|bought|played) (?:it|that|this|them|these|those)\b"
    r"|\bi already (?:know|own|have|saw|watched|read)\b"
    r"|^(?:no|nope|nah|please)?[\s,.!]*(?:not|skip|without|except|anything but|drop|remove"
    r"|leave out)\s+"
    r"(?:that|this|it|these|those|them|the (?:first|second|third|fourth|fifth|last)|number|#)"
    r"|^(?:no|nope|nah),? (?:not )?(?:that|this|the)\b"
    r"|\b(?:do not|don['’]?t|did not|didn['’]?t|never) (?:want|like|liked|show|fancy|care for)"
    r" (?:me )?(?:it|that|this|the (?:first|second|third|fourth|fifth|last)|number|these|those)\b"
    r"|\bhate (?:it|that|this|the (?:first|second|third|fourth|fifth|last))\b"
    r"|(?:看|听|读|买|去|吃|玩|学)过了|已经(?:看|听|读|买|去|吃|玩|学)|我(?:都)?(?:看|听|读|买|去|吃|玩|学)过"
    r"|第[一二三四五1-5][个部首本]?(?:我)?(?:都)?(?:看|听|读|买|去|吃|玩|学)过"
    r"|(?:不要|不想(?:看|要)|不喜欢|换掉|除了|别推荐|不是|跳过|去掉)(?:了)?"
    r"(?:这|那|它|第[一二三四五1-5]|最后|刚才)"
    r"|(?:这|那)[个部首本]?(?:不要|不行|不喜欢|换掉)",
    re.IGNORECASE,
)
KNOWS = re.compile(
    r"\b(?:i|we)(?:['’]?ve| have| had)?\s+(?:already |just )?"
    r"(?:seen|watched|read|heard|visited|bought|played|know|knew|saw|own|tried)\b"
    r"|\b(?:not|no|without|except|skip|hate)\b|(?:看|听|读|买|去|吃|玩|学)过|不要|不喜欢|除了",
    re.IGNORECASE,
)
ALIKE = re.compile(
    r"\b(?:like (?:it|that|this)\b(?<!don't like it)(?<!don’t like it)(?<!not like it)"
    r"(?<!n't like that)(?<!n’t like that)(?<!not like that)(?<!n't like this)(?<!not like this)"
    r"|similar|loved (?:it|that|this)|such as)|类似|差不多|像这|像那",
    re.IGNORECASE,
)
ALL = re.compile(
    r"\b(?:all|both|any|none|every one) of (?:them|these|those)\b|\bthem all\b|\bthese\b|\bthose\b"
    r"|\bthem\b|都(?:看|听|读|买|去|吃|玩|学)过|这些|全都|这几",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"\b(?:else|others?|another|more|next|again|different ones?|a different)\b"
    r"|别的|其他|其它|还有|换一|换个|换几|再来|再推荐|更多|多来|下一|多推荐",
    re.IGNORECASE,
)
#: Nothing but "others, please".
ONLY_OTHERS = re.compile(
    r"(?:(?:and|or|but|so|ok(?:ay)?|yes|please|show|give|tell|me|us|some|any|a few|few|the|are"
    r"|is|there"
    r"|what|who|anything|something|anyone|someone|nothing|else|others?|another|more|next|again"
    r"|ones?"
    r"|different|a|can|could|you|i|have|got|do|of|them|that|this|kind|like|these|those|thing|things"
    r"|films?|movies?|books?|songs?|items?)\b[\s,.!?’']*)+"
    r"|[那请再还有没别的其他它换一个几部首本批来点些推荐更多给我看吗呢吧么什么多下\s，。！？?]+",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"\s*(?:(?:and|but|or|also|then|rather|instead|only|just|what about|how about)\b"
    r"|那|还|再|但|不过|或者|只要|最好)",
    re.IGNORECASE,
)
NEWER = re.compile(
    r"\b(?:newer|more (?:recent|modern|current|up.to.date)|later ones?)\b"
    r"|更新的|新一点|新一些|近一点的年代",
    re.IGNORECASE,
)
OLDER = re.compile(
    r"\b(?:older|earlier ones?|more (?:classic|vintage))\b|更老|老一点|老一些|更早|早一点",
    re.IGNORECASE,
)
WHO = (
    r"(?:something|anything|ones?|a film|a movie|films?|movies?|a (?:bit|little)|much|even|rather"
    r"|slightly|make it|far|but|and|any)"
)
COMPARATIVE = re.compile(
    rf"(?:\b{WHO}\s+(?:a (?:bit|little) |much |even |slightly |far )?|^\s*)([a-z]{{2,}}er)\b",
    re.IGNORECASE,
)
MORE = re.compile(
    rf"(?:\b{WHO}\s+(?:a (?:bit|little) |much |even )?|^\s*)more ((?!of\b|like\b|than\b"
    rf"|please\b|to\b)"
    r"[a-z\-]+(?:ing|ous|ful|ive|ic|al|ent|ant|ed|y|ish|less|able|ible|ern)\b)",
    re.IGNORECASE,
)
LESS = re.compile(
    r"\b(?:less|not (?:so|as|that|too|quite so)) "
    r"(?!(?:ones?|films?|movies?|books?|songs?|items?|kind|sort|much|many|bad|first|last)\b)"
    r"([a-z\-]{3,})\b",
    re.IGNORECASE,
)
MORE_ZH = re.compile(
    r"更(?!新|老|早|多)([\u4e00-\u9fff]{1,4}?)(?:一点|一些|点|些)?(?:的|$)"
    r"|(?:再(?!推荐|来|给|换|看))?(?!再|推荐|多?来|换|给|看|有)([\u4e00-\u9fff]{1,4}?)(?:一点|一些)(?:的|$)"
)
LESS_ZH = re.compile(r"(?:别|不要|没|不)(?:那么|这么|太)([\u4e00-\u9fff]{1,4}?)(?:的|了|$)")
NO_COMPARATIVES = frozenset(
    "other another thriller adventurer ever never together after super over under later rather "
    "either "
    "neither whether water number letter order paper dinner summer winter mother father brother "
    "sister "
    "river computer character chapter monster gangster her per remember consider offer answer "
    "enter "
    "december november october september wonder murder horror killer soldier western cover "
    "supper teenager "
    "newer older user player master former inner outer upper cheer beer deer theater theatre "
    "career reader "
    "writer singer dancer teacher lawyer hacker driver fighter hunter stranger thinner matter "
    "better".split()
)
IRREGULAR = {
    "worse": "bad",
    "lighter": "light-hearted",
    "stronger": "strong",
    "longer": "long",
    "younger": "for young people",
}
SILENT_E = (
    "strang",
    "larg",
    "nic",
    "cut",
    "wis",
    "saf",
    "simpl",
    "gentl",
    "subtl",
    "intens",
    "clos",
    "ruder",
)
CHAT = re.compile(
    r"(?:(?:hi|hello|hey|good (?:morning|evening|day|night|afternoon)|thanks?|thank you|thx|bye"
    r"|goodbye|ok"
    r"|okay|great|cool|nice|lol|wow|how are you|are you there|please|so much|very much|a lot"
    r"|there|today"
    r"|you)\b[\s,.!?]*)+"
    r"|(?:你好|您好|谢谢|多谢|感谢|再见|拜拜|早上好|晚上好|在吗|哈哈|好的|你|呀|啊|吗|了)+[\s，。！？!?]*",
    re.IGNORECASE,
)
#: Knowledge of the world, arithmetic, and the one who answers.
FACTS = re.compile(
    r"\b(?:weather|temperature|capital (?:city )?of|president of|prime minister|population of"
    r"|currency of"
    r"|what(?:['’]?s| is) the (?:time|date|meaning|difference|square root|distance|height|speed"
    r"|value"
    r"|price|stock|news)|what (?:time|day|year) is|your (?:name|age|favou?rite colou?r)|who are you"
    r"|who made you|are you (?:a|an|real|human|sentient|chatgpt|conscious|there)|what are you"
    r"|how are you|what can you do|meaning of life|exchange rate|bitcoin|stock price|flight to"
    r"|my (?:email|"
    r"password|computer|homework|bill|taxes)|square root|translate|python|javascript|source code"
    r"|poem|haiku"
    r"|essay|joke|recipe for|phone number|directions to|traffic|wifi)\b"
    r"|(?<!\d)\d{1,9}\s?(?:[+*/×÷^=]|plus|minus|times|divided by)\s?\d"
    r"|天气|气温|首都|总统|总理|人口|几点|星期几|几号|你是谁|你叫什么|你是(?:机器|人)|你几岁|你会什么|翻译"
    r"|笑话|写(?:一)?(?:首|篇|段|个)|代码|股票|股价|汇率|比特币|等于|加上|乘以|除以|意义是|怎么走|密码|作业",
    re.IGNORECASE,
)
#: Questions for facts, whatever they are about.
ABOUT_FACTS = re.compile(
    r"\s*(?:who (?:is|was|are|were|won|wrote|directed|made|played|plays|invented|discovered|did"
    r"|does|stars?"
    r"|composed|painted)\b(?! (?:it )?for\b)"
    r"|when (?:is|was|did|does|will|were|are)\b|how (?:old|many|much|tall|far|big|heavy|deep"
    r"|fast)\b"
    r"|how (?:do|does|did|to|can|is|are|was)\b(?! (?:about|you (?:feel|recommend)))"
    r"|why (?:is|are|was|were|do|does|did|can|can['’]?t)\b|where (?:is|was|are|were|did"
    r"|does)\b(?! there)"
    r"|(?:did|was|were|does|has|had) (?!anyone|anybody|any\b|there)\w+"
    r"|is it (?:true|raining|going to)|谁(?:是|写|导|演|发明|赢)|.{0,12}是谁[？?]?$|什么时候"
    r"|(?:.{1,20})(?:有多(?:大|高|远|少|重)|在哪里|是什么意思)|为什么(?!不)|怎么(?:做|写|说|用))",
    re.IGNORECASE,
)
ORDERS = re.compile(
    r"\s*(?:please )?(?:can you |could you )?(?:tell me (?:a|about|the)|write|translate|explain"
    r"|calculate"
    r"|compute|solve|describe|define|sing|draw|remind me|call|send|turn|open|set|book (?:a|me)"
    r"|order (?:a|me))\b"
    r"|\s*(?:请|帮我|给我)?(?:写|翻译|解释|计算|画|打电话|发|设)",
    re.IGNORECASE,
)
#: Words that only somebody uses who asks for items.
STRONG = re.compile(
    r"\b(?:watch\w*|recommend\w*|suggest\w*|films?|movies?|shows?|series|novels?|songs?|albums?"
    r"|playlist"
    r"|courses?|attractions?|museums?|articles?|to (?:read|see|buy|visit|eat|play|listen|learn"
    r"|hear)"
    r"|should (?:i|we)|in the mood|looking for)\b"
    r"|推荐|电影|影片|片子|歌|专辑|景点|课程|报道|书|想看|想听|想买|想去|想学|想吃|看点|听点|买点",
    re.IGNORECASE,
)
#: Words of somebody who asks for items.
ITEMS = re.compile(
    STRONG.pattern
    + r"|\b(?:something|anything|any|some|another|good|best|great|fun|favou?rite|surprise|pick"
    r"|choose"
    r"|want|would like|need|give me|show me|like|tonight|weekend|new in|is there|are there|read"
    r"|buy|visit|eat"
    r"|go|place|items?|products?|news|what (?:do|should|can|could|to)|which)\b"
    r"|看|听|读|玩|吃|喝|买|去|学|有什么|有没有|来点|来一|好的|适合|类似|像|哪|随便|最近|新鲜",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"^\s*(?:who|what|when|where|why|how|which|is|are|was|were|do|does|did|can|could|will|would"
    r"|has|have)\b"
    r"|[?？]\s*$|[吗呢]\s*[。.!！]?\s*$|谁|什么|怎么(?!办)|多少|几个",
    re.IGNORECASE,
)
