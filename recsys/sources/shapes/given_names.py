"""Whether words are the names of people, by the first names that are the most common ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recsys.sources.columns.names import words_of

#: First names that many people have, in lower case without accents. Words that stand at the
#: beginning of titles as often (Grace, Rose, Max, Will) are left out.
_GIVEN = frozenset(
    """aaron adam adrian agnieszka ahmed aisha alan alba alberto alejandra alejandro alessandro
    alessia alex alexander alexandra alexei alexis alfonso ali alice alina alicia amanda amelie
    ana anastasia anders andre andrea andreas andrei andrew andrzej angela anita anja anke ann anna
    anne annika antoine anton antonia antonio arjun arthur aylin ayse barbara beatrice beatriz ben
    benjamin bernd bernard bianca birgit bjorn bob boris brian bruno burak camila camille carl
    carla carlos carmen carol carolina caroline catarina catherine cecilia celine chen chiara
    chloe chris christian christina christine christoph christopher claire clara claudia claudio
    clement cristina daan daniel daniela dario david deborah denis diana diego dieter dirk dmitri
    dominik dora dorota eduardo edward ekaterina elena eleni eli elif elisa elisabeth elizabeth
    ella elsa emil emilia emily emine emma emre enrico eric erik erika esra esther eva fabian
    fabio farid fatima fatma federica federico felipe felix ferdinand fernanda fernando filip
    florian francesca francesco francisco franck francois frank frans fred frederik gabriel
    gabriela georg giorgio giovanni giulia giuseppe gonzalo greta guillaume gunter gustavo hakan
    hamza hanna hannah hans harald hassan hector heike heinz helen helena helga henri henrik henry
    hiroshi holger hugo ibrahim ida ignacio igor ilaria ines inga ingrid irene irina isabel
    isabella ivan jaime jakob jakub james jan jana jane janet jason javier jean jennifer jens
    jessica joan joana joao joachim johan johanna johannes john jonas jorge jose josef joseph juan
    juana julia julian julie jurgen karin karl karen karolina katarina katarzyna kate katharina
    katja kenji kevin khaled klara klaus kristina krzysztof lars laura lea lena leo leon leonie
    leyla liam lina linda lisa lorenzo louis louise luca lucas lucia lucie ludwig luis luisa lukas
    luke magdalena malgorzata manuel manuela marc marco marek margaret maria mariana marie marina
    mario marion marta martha martin martina mateo mateusz mathieu matteo matthew matthias maurice
    mauro maximilian mehmet mei melanie mercedes merve mia michael michal michelle miguel mike
    mikhail mila milan mira miriam mohamed mohammed monica monika mustafa nadia nadine natalia
    natalie natasha nicola nicolas nicole niklas nikolai nikos nils nina noah nora nuria oleg olga
    oliver olivia omar oscar oskar pablo paola paolo pascal patricia patrick paul paula pauline
    pavel pedro peter petra philipp philippe pierre pilar piotr priya quentin rachel rafael rahul
    raj ralf raquel raul rebecca renata ricardo rita robert roberta roberto roman rosa rui ruth
    ryan sabine salma sam samuel sandra santiago sara sarah sebastian sergei sergio silvia simon
    simone sofia sonia sophia sophie stefan stefania stefanie stephen steven susan susanne sven
    svetlana tanja tatiana teresa theo thomas tim tina tobias tom tomas tomasz tommaso ulrich
    ursula ute valentina valeria vera veronica victor victoria viktor vincent vladimir walter
    wei werner wolfgang xavier yann yasmin yuki yuri yusuf zeynep zoe
    александр александра алексей анастасия андрей анна антон виктор виктория владимир дарья дмитрий
    екатерина елена иван игорь ирина ксения максим мария михаил наталья никита николай ольга павел
    роман светлана сергей татьяна юлия юрий""".split()
)
_CHINESE = re.compile(
    r"[王李张刘陈杨赵黄周吴徐孙朱胡郭何林罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕][一-鿿]{1,2}"
)


def are_people(names: Sequence[str]) -> float:
    """The share of names that are those of people: "Anna Berg", "Ben K.", "Duarte, Carla"."""
    return sum(map(_is_person, names)) / max(len(names), 1)


def _is_person(name: str) -> bool:
    words = words_of(name)
    if _CHINESE.fullmatch(name.strip()):
        return True
    candidates = [words[0], words[-1]] if "," in name and words else words[:1]
    return 0 < len(words) <= 4 and any(word in _GIVEN for word in candidates)
