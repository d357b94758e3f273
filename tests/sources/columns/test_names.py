"""What the names of columns say, in many languages."""

from __future__ import annotations

import pytest

from recsys.schema import ITEM_ID, POSITION, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.columns.names import (
    known_names,
    meaning,
    plain_name,
    says_else,
    strength,
)
from recsys.sources.columns.vocabulary import COUNT, EVENT


@pytest.mark.parametrize(
    ("meant", "names"),
    [
        (
            USER_ID,
            """user_id:token fk_user dim_customer_key reviewerID CustomerID id_usuario
            codigo_cliente Nutzer Kundennummer utilisateur_id utente пользователь ID_пользователя
            用户编号 ユーザーID 会員番号 사용자_ID kullanıcı użytkownik zákazník
            användare felhasználó käyttäjä người_dùng χρήστης المستخدم משתמש користувач""",
        ),
        (
            ITEM_ID,
            """anime_id keywordID asin parent_asin StockCode idProducto Artikelnummer produit_id
            cod_articolo película livro_id фильм код_товара 商品番号 作品ID 物品 상품번호
            ürün_kodu książka zboží termék_azonosító προϊόν رقم_المنتج מוצר""",
        ),
        (
            RATING,
            """Book-Rating movie_rating_value user_rating review_score calificación note_du_film
            Bewertung avaliação voto оценка 評価 评分 평점 puan ocena hodnocení betyg értékelés
            đánh_giá βαθμολογία تقييم דירוג оцінка""",
        ),
        (
            TIMESTAMP,
            """event_time created_at OrderDate unixReviewTime timestamp_ms fecha_compra date_achat
            Kaufdatum data_ora дата_просмотра 購入日時 购买时间 날짜 tarih data_oceny ngày
            ημερομηνία تاريخ תאריך""",
        ),
        (
            TITLE,
            """game-title nombre_producto titre_du_film Filmtitel nome_do_produto название_фильма
            映画タイトル 商品名称 ürün_adı název Nazwa_produktu""",
        ),
        (EVENT, "event_type action 行为类型 EventName"),
        (COUNT, "quantity play_count hours num_views cantidad Menge 数量 количество rating_count"),
        (POSITION, "rank seq ordem"),
    ],
)
def test_meaning(meant: str, names: str) -> None:
    said = {name: meant if strength(name, meant)[0] else meaning(name)[0] for name in names.split()}
    assert said == dict.fromkeys(names.split(), meant)


@pytest.mark.parametrize(
    "name",
    [
        "sipariş_no",
        "numer_zamówienia",
        "category_id",
        "order_id",
        "release_date",
        "birth_date",
        "avg_rating",
        "product_category",
        "x",
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert meaning(name) == (None, 0)
    assert says_else(name) == (name != "x")


def test_names_are_reported_from_cells() -> None:
    assert known_names(["usuario", "pelicula", "fecha"]) == 3
    assert known_names(["AX0190056QK", "0000000893", "4.0", "Time Machine", "id", "x"]) == 0
    assert plain_name("Película_ID") == "peliculaid"
