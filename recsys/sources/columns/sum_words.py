"""How people and programs call sums and means: rows of a report, rows and columns of a matrix."""

from __future__ import annotations

from recsys.sources.columns.names import plain_name

#: How a sum is called, as cells have it.
SUMS = frozenset(
    """total totals totales totais totaux totali sum sums subtotal subtotals subtotales sub-total
    grandtotal gesamt gesamtsumme gesamtergebnis summe zwischensumme teilsumme teilergebnis
    endsumme insgesamt somme sous-total totale subtotale somma totaal subtotaal totaaltelling
    suma sumatotal totalgeral razem ogółem łącznie podsuma celkem součet mezisoučet spolu súčet
    medzisúčet összesen végösszeg részösszeg subtotalul ukupno sveukupno skupaj укупно итого
    всего сумма итог подытог разом усього всього підсумок общо σύνολο συνολο σύνολα υποσύνολο
    toplam aratoplam geneltoplam yhteensä välisumma summa totalt delsumma kokku vahesumma kopā
    jumlah soma sumy إجمالي الإجمالي المجموع مجموع اجمالي الاجمالي جمع سה"כ סה״כ סך कुल รวม รวมทั้งหมด
    合计 总计 小计 共计 总数 总和 合計 總計 小計 總和 総計 累計 計 합계 총계 소계 총합계
    ∑""".split()
)
#: Words that stand with them: "grand total", "Total general", "Genel toplam", "tổng cộng".
OF_SUMS = frozenset(
    """grand overall general generale général générale geral sub row rows column all report page
    genel ara general cząstkowa tổng cộng iš i alt the of to of""".split()
)
#: How a mean, a count and a final grade are called, in lower case without accents.
_MEANS = frozenset(
    """mean average avg median count counts n std all promedio media moyenne mittelwert durchschnitt
    anzahl среднее 平均 平均分 数量 平均値 srednia prumer schnitt durchschnittsnote gesamtnote
    gesamtpunktzahl endnote gemiddelde gemiddeld medelvarde snitt gjennomsnitt gennemsnit
    ortalama keseluruhan rata averages means средний средняя средн finalgrade finalmark
    finalscore finalresult notafinal notefinale notefinal eindcijfer
    totalscore totalpoints""".split()
)
#: Names, as `plain_name` writes them, of what is no item of a matrix.
SUMS_AND_MEANS = _MEANS | frozenset(map(plain_name, SUMS)) - {""}
#: Words that say no more beside one of those: "Course total (Real)", "Overall average".
BESIDE_SUMS = frozenset(
    """course class overall grand final group row column score scores points point grade grades mark
    marks rating ratings real percentage percent of the per for all user item student film movie
    book current my weighted category curso clase general puntos nota notas cours classe generale
    note notes kurs klasse gesamt punkte corso punti voto voti turma geral pontos vak cijfer
    punten kursus ogolna ocen общая общий общее балл баллов оценка оценок за курс по всем""".split()
)
