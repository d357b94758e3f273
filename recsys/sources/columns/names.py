"""What the name of a column says, in the languages people use: its words and what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from recsys.schema import ITEM_ID, POSITION, RATING, TIMESTAMP, TITLE, USER_ID

#: Meanings that are no canonical columns: what people call them is known, so that it is said.
EVENT = "event"
COUNT = "count"
_ID = "id"
_FILLER = "filler"
#: Words of columns that are no users, items, ratings or times, whatever else their name holds.
_OTHER = "other"
#: Words that make of a rating or a date that of an item or a user: of release, of birth, average.
_ELSE = "else"
_LINK = "link"
_CONTEXTS = frozenset("context contexte contexto contesto kontext".split())
_PICTURES = frozenset(
    "image img photo picture pic thumbnail thumb avatar poster cover icon".split()
)

#: Spellings of each column, the surest first, in lower case without spaces or punctuation.
SPELLINGS: dict[str, tuple[str, ...]] = {
    USER_ID: tuple(
        """userid user uid usr userkey userno usernumber customerid customer custid customerno
        householdid household householdkey memberid member visitorid visitor clientid client
        accountid account profileid profile buyerid buyer shopperid personid person readerid
        reader viewerid sessionid session reviewerid reviewer authorid username 用户id 用户编号
        nguoidung khachhang 用户 用户名 顾客id 顾客编号 顾客 客户id 客户编号 客户 会员id 会员编号
        会员 游客id 游客编号
        游客 读者id 读者 用戶id 用戶 使用者id 使用者""".split()
    ),
    ITEM_ID: tuple(
        """itemid item iid itemkey itemno movieid movie filmid film productid product productcode
        sku skuid goodsid goods articleid article bookid book isbn songid song trackid track
        artistid artist asin stockcode poiid poi placeid place venueid venue attractionid
        attraction spotid gameid game appid videoid video newsid news contentid content courseid
        recipeid postid documentid docid sanpham khachsan khoahoc 物品id 物品编号 物品 商品id
        商品编号 商品 产品id
        产品编号
        产品 项目id 项目 电影id 电影编号 电影 影片id 影片 图书id 图书 书籍id 书籍 歌曲id 歌曲
        音乐id 视频id 视频 文章id 文章 新闻id 新闻 景点id 景点编号 景点 课程id 课程 商品編號
        景點id 景點""".split()
    ),
    RATING: tuple(
        """rating ratings score scores stars star rate userrating reviewscore reviewrating
        overall grade preference danhgia 评分 打分 分数 得分 星级 评级 喜好 評分 分數""".split()
    ),
    TIMESTAMP: tuple(
        """timestamp unixtimestamp time datetime date ts unixtime eventtime createdat created
        updatedat transactiontimestamp transactiondate purchasedate purchasetime orderdate
        invoicedate ratedat watchedat playedat visitedat visitdate visittime day reviewdate
        reviewtime unixreviewtime thoigian 时间戳 时间 日期 时刻 评分时间 购买时间 浏览时间
        访问时间 下单时间
        创建时间 时间戳记 時間戳 時間""".split()
    ),
    POSITION: tuple(
        """position pos order sequence seq step rank index idx eventorder ordernumber
        addtocartorder 顺序 次序 序号 位置 順序 序號 orden ordre reihenfolge ordem ordine
        порядок 順番 순서""".split()
    ),
    TITLE: tuple(
        """title name itemname itemtitle productname producttitle movietitle moviename filmtitle
        booktitle booktitles songname songtitle trackname gamename displayname 标题 名称
        名字 商品名称 商品名 产品名称 电影名称 电影名 片名 书名 歌名 景点名称 景点名 物品名称
        標題 名稱 movie film product book song track attraction game video 电影 影片 图书 歌曲 商品
        产品 景点 物品""".split()
    ),
}
#: Words in languages that are written with Latin letters, without accents.
_WORDS: dict[str, str] = {
    USER_ID: """user users usr customer customers cust client clients member visitor buyer
        shopper person reader viewer reviewer reviewers rater account profile household guest
        patient student learner listener player actor subscriber consumer employee traveler
        traveller voter critic usuario usuarios cliente clientes comprador compradora socio
        miembro visitante lector alumno espectador utilisateur utilisateurs acheteur acheteuse
        membre visiteur lecteur abonne adherent nutzer benutzer anwender kunde kunden kaeufer
        kaufer mitglied besucher leser zuschauer teilnehmer utilizador membro leitor utente
        utenti acquirente visitatore lettore gebruiker klant uid debitor auftraggeber besteller
        kullanici musteri uye
        ziyaretci okuyucu izleyici ogrenci uzytkownik uzytkownika klient klienta kupujacy
        czytelnik uzivatel uzivatele zakaznik zakaznika ctenar pouzivatel anvandare kund bruger
        bruker medlem lasare laeser besokare felhasznalo vasarlo ugyfel vevo utilizator
        cumparator kayttaja asiakas pengguna pelanggan pembeli anggota khach commenter
        follower fan passenger passengers booker tenant pupil pupils trainee attendee
        participant participants respondent estudiante estudiantes huesped viajero pasajero
        oyente suscriptor etudiant etudiants eleve voyageur auditeur spectateur passager
        schueler schuler studenten gast gaste reisender hoerer horer zuhoerer spieler hospede
        aluno alunos estudante passageiro ouvinte studente ospite viaggiatore ascoltatore
        leerling lezer luisteraar reiziger elev lyssnare gosc sluchacz posluchac misafir
        dinleyici yolcu patron""",
    ITEM_ID: """item items product products prod movie movies film films book books article
        articles song songs track tracks artist artists game games video videos news content
        contents course courses recipe recipes post posts document doc place places venue poi
        attraction spot location restaurant business hotel anime manga beer wine joke keyword
        photo image asset offer ad advert app podcast episode show series album listing
        property job vacancy paper sku goods asin isbn ean upc gtin barcode stockcode dish meal
        question exercise lesson producto productos articulo articulos pelicula peliculas libro
        libros cancion canciones juego juegos obra produit produits livre livres chanson
        chansons jeu oeuvre artikel produkt produkte buch buecher lied spiel ware werk produto
        produtos filme filmes livro livros musica jogo prodotto prodotti articolo libri canzone
        gioco boek material urun kitap sarki oyun makale icerik towar produkty ksiazka ksiazki
        gra utwor
        artykul zbozi kniha skladba clanek polozka vara vare bok bog termek konyv jatek produs
        articol melodie tuote elokuva kirja kappale produk barang buku lagu phim object context
        contexte contexto contesto kontext resource destination lieu cours morceau chapitre
        curso cursos destino lugar receta noticia corso luogo destinazione ristorante canzoni
        kurs ort reiseziel beitrag rezept cursus plaats bestemming recept miejsce wydarzenie
        miasto otel mekan haber gericht module lecture""",
    RATING: """rating ratings score scores star stars points rate grade overall preference vote
        votes
        mark valoracion valoraciones calificacion puntuacion puntaje evaluacion estrellas nota
        notas note notes notation evaluation etoiles bewertung bewertungen wertung sterne
        punkte punktzahl benotung avaliacao pontuacao classificacao estrelas valutazione voto
        voti punteggio stelle beoordeling cijfer ocena puan puani degerlendirme yildiz oceny
        gwiazdki hodnoceni znamka hvezdicky betyg vurdering bedommelse karakter ertekeles
        evaluare arvosana arvio penilaian nilai bintang diem satisfaction zufriedenheit
        satisfaccion valoracion_media gradimento""",
    TIMESTAMP: """time timestamp date datetime ts tstamp tstmp dttm created updated at when
        epoch day fecha hora dia horodatage heure jour datum zeit zeitpunkt zeitstempel uhrzeit
        tag data giorno ora datahora fechahora dateheure tijd tijdstip on tarih tarihi zaman
        saat saati czas godzina dzien cas tidpunkt dag dato idopont paivamaara paivays aika
        tanggal waktu ngay""",
    TITLE: """title titles name names headline caption label titulo nombre titre nom intitule
        titel bezeichnung nome titolo denominazione descripcioncorta adi isim baslik nazwa
        tytul nazev titul namn navn rubrik nev cim nume titlu denumire nimi nama judul""",
    POSITION: """position pos sequence seq rank index idx orden ordre reihenfolge ordem ordine""",
    EVENT: """event events action actions activity behavior behaviour behaviortype interaction
        verb evento eventos accion evenement ereignis aktion acao azione evento feedbacktype
        type feedback eylem olay zdarzenie handelse handlung""",
    COUNT: """quantity qty count counts cnt amount units hours minutes seconds duration plays
        playcount listens clicks views watches frequency playtime times sum total cantidad
        unidades veces horas quantite nombrede heures menge anzahl stueck stuck stunden
        quantidade quantita ore aantal adet adedi miktar ilosc liczba mnozstvi pocet antal
        mennyiseg jumlah nights nuits noches naechte nachte notti noites guests adults children
        passengers pax rooms seats pieces score_count antall gece kisi noci""",
    _ID: """id ids key keys no nr num number code pk fk uuid guid sk nummer numero codigo
        codice kennung schluessel schlussel identifiant identificador identifier cle clave ref
        hash nb kod kodu numarasi kimlik identyfikator numer cislo azonosito szam cod tunnus
        numero kode nomor""",
    _FILLER: """fk pk dim fact tbl src raw the of for in by de del della dello di da do dos das
        der die den des du la le les el los las l d value values val float int str string token
        my this unix utc gmt local iso ms sec s x y col column field new old full original org
        amazon anon anonymized num""",
    _OTHER: """order orders transaction transactions invoice basket cart row record review
        reviews session sessions category categories cat genre genres brand brands device city
        country region language parent department aisle group status page payment campaign
        store shop seller vendor supplier merchant pedido commande bestellung auftrag encomenda
        ordine categoria categorie kategorie marca marke marque tienda boutique geschaft loja
        negozio age gender sex price prix precio preis preco prezzo text comment
        siparis kategori fiyat magaza sepet fatura zamowienie zamowienia cena sklep objednavka
        bestallning bestilling ordre pris butik rendeles comanda pret tilaus hinta pesanan
        harga toko till register cashier kasse kassa caisse caja cassa terminal branch filiale
        filial sucursal succursale lane counter montant importe importo betrag summe umsatz
        amount_paid subtotal tax vat iva tva mwst currency moneda devise waehrung wahrung
        valuta valor discount descuento remise rabatt sconto shipping adresse address direccion
        indirizzo phone telefon ip agent browser platform plateforme origin channel canal kanal
        estado etat state zip postal reserva reservation booking buchung prenotazione
        reservering rezerwacja""",
    _LINK: "url uri link href permalink",
    _ELSE: """birth release expiry expiration signup registration joined publish published
        publication nacimiento naissance geburt nascimento nascita estreno avg average mean
        median std mittlere moyenne promedio media medio""",
}
#: Parts of words in scripts without spaces or with endings, the longest first within a word.
_PARTS: dict[str, str] = {
    USER_ID: """用户 用戶 顾客 顧客 客户 客戶 会员 會員 游客 读者 使用者 买家 ユーザー ユーザ
        利用者 会員 お客様 購入者 사용자 고객 회원 유저 пользовател клиент покупател посетител
        читател зрител юзер участник користувач клієнт покупец відвідувач читач глядач студент
        χρηστ πελατ αναγνωστ μελος مستخدم عميل زبون عضو משתמש לקוח الطالب طالب زائر قارئ مشاهد
        مشتري متعلم 学生 學生 学员 學員 生徒 読者 受講者 宿泊者 旅客 学習者 학생 독자 수강생
        투숙객 ученик гост слушател турист пассажир μαθητ φοιτητ επισκεπτ επιβατ סטודנט קורא""",
    ITEM_ID: """物品 商品 产品 產品 项目 電影 电影 影片 图书 圖書 书籍 歌曲 音乐 音樂 视频 影片
        文章 新闻 景点 景點 课程 作品 アイテム 映画 本 楽曲 曲 製品 品番 記事 動画 ゲーム 書籍
        상품 아이템 영화 제품 도서 товар фильм книг продукт артикул песн игр стать позици фільм
        пісн видео курс προιον ταινι βιβλι ειδο αντικειμεν τραγουδ παιχνιδ منتج فيلم كتاب عنصر
        سلعة صنف מוצר סרט ספר פריט 콘텐츠 강의 노래 게임 책 دورة مقرر أغنية لعبة مقال مكان فندق
        درس مادة コース 講座 宿 ホテル 店 酒店 餐厅 餐廳 地点 地點 专辑 演出 小说 小說 강좌
        호텔 장소 отель отел место альбом мест урок ξενοδοχ μαθημ מלון קורס שיר""",
    RATING: """评分 打分 分数 得分 星级 评级 評分 分數 評価 評点 点数 スコア レーティング 星
        평점 별점 점수 оценк рейтинг балл звезд оцін βαθμολογ αξιολογ αστερ تقييم درجة דירוג
        ציון""",
    TIMESTAMP: """时间 時間 日期 时刻 日時 日付 時刻 年月日 タイムスタンプ 날짜 시간 일시 일자
        дат врем день час ημερομην ωρα χρον تاريخ وقت תאריך שעה זמן""",
    TITLE: """标题 標題 名称 名稱 名字 タイトル 題名 名前 片名 书名 歌名 名 제목 이름 назван
        заголов наименован имя имен назв τιτλο ονομα عنوان اسم כותרת שם""",
    POSITION: "顺序 次序 序号 順序 順番 순서 порядок",
    EVENT: "行为 行為 事件 動作 动作 操作 イベント 行動 이벤트 행동 действи событи",
    COUNT: """数量 數量 次数 次數 件数 個数 回数 时长 時長 수량 횟수 количеств кол-во кільк
        ποσοτητ كمية כמות 夜 泊数 人数 人數 ночей гостей""",
    _ID: """编号 編號 番号 コード 号 號 번호 아이디 코드 номер код ид ключ идентификатор κωδικ
        αριθμ رقم معرف كود מספר קוד""",
    _FILLER: "类型 タイプ",
    _ELSE: "平均 上映 发行 出生 生年 発売 公開",
    _OTHER: """订单 訂單 类别 分类 价格 店铺 注文 カテゴリ 価格 주문 카테고리 가격 заказ
        категори цен замовл цін παραγγελ κατηγορ τιμη طلب فئة سعر הזמנה קטגוריה מחיר 渠道 平台
        渠 状态 狀態 金额 金額 合計 总价 сумм адрес телефон магазин статус касс""",
}
_MEANING = {word: meaning for meaning, words in reversed(_WORDS.items()) for word in words.split()}
_STEMS = sorted(
    ((part, meaning) for meaning, parts in _PARTS.items() for part in parts.split()),
    key=lambda pair: -len(pair[0]),
)
_ALL_SPELLINGS = frozenset(s for group in SPELLINGS.values() for s in group)
#: What RecBole writes behind the names of its columns.
_TYPE = re.compile(r":(?:token|float)(?:_seq)?$")
_FOLDED = re.compile(r"[\u00c0-\u03ff\u1e00-\u1fff]")
#: Latin letters that are no letter with an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "đ": "d", "Đ": "D"}
)
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
#: The second half of a compound such as "kaufdatum" or "movieid"; the first may be anything known.
_LEAST_ENDING = 5
_MAX_LETTERS = 100

#: How surely a name says what a column is: as a canonical name, as a known spelling, by words of
#: which one says what identifies it, by a word alone, by "id" behind an unknown thing.
CANONICAL, SPELLED, WORDED, WORD, SOME_ID = 5, 4, 3, 2, 1


def plain_name(name: str) -> str:
    """A name in lower case without accents, spaces or punctuation: ``User-ID`` → ``userid``."""
    return re.sub(r"[\W_]+", "", _folded(_TYPE.sub("", name)).casefold())


def known_names(names: Sequence[str]) -> int:
    """How many of the names are those of columns, rather than cells."""
    return sum(_is_known(str(name)) for name in names)


def strength(name: str, canonical: str) -> tuple[int, int]:
    """How surely a name says `canonical` (0: not at all), and its place among the spellings."""
    if name == canonical:
        return CANONICAL, 0
    plain = plain_name(name)
    if plain in SPELLINGS.get(canonical, ()):
        return SPELLED, SPELLINGS[canonical].index(plain)
    meant, sure = meaning(name)
    return (sure, 0) if meant == canonical else (0, 0)


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[str | None, int]:
    """What the words of a name say it is: a canonical name, `EVENT`, `COUNT` or None; how surely.

    The last word decides: ``movie_rating_value`` is a rating, ``rating_time`` a time. An unknown
    thing with an id is an item: ``anime_id``.
    """
    found = [kind for token in words_of(name) for kind in _kinds(token)]
    said = [kind for kind in found if kind != _FILLER]
    if said[-1:] == [_LINK]:
        return _of_link(said[:-1], name)
    if said[-1:] == [ITEM_ID] or _CONTEXTS & set(words_of(name)):  # that with which an event was
        said = [kind for kind in said if kind != EVENT]
    has_id = _ID in said
    said = [kind for kind in said if kind != _ID]
    if not said:
        return None, 0
    kinds = set(said)
    if COUNT in kinds:
        return COUNT, WORDED
    if not has_id and _ELSE not in kinds:
        for kind in (TIMESTAMP, EVENT, RATING):
            if kind in kinds:  # a word beside unknown ones is less sure
                return kind, WORD if "" in kinds else WORDED
    if said[-1] == _OTHER:
        return None, 0
    if TITLE in kinds and not has_id:
        return (USER_ID, WORD) if USER_ID in kinds else (TITLE, WORD if "" in kinds else WORDED)
    for kind in (USER_ID, ITEM_ID):
        if kind in kinds and not kinds & {RATING, TIMESTAMP, EVENT, _ELSE}:
            return kind, WORD if _OTHER in kinds or ("" in kinds and not has_id) else WORDED
    if kinds == {POSITION}:
        return POSITION, WORDED
    if has_id and kinds == {""}:
        return ITEM_ID, SOME_ID
    return None, 0


def _of_link(said: list[str], name: str) -> tuple[str | None, int]:
    """What the address of a thing is: an id of it, unless it is that of its picture."""
    last = said[-1] if said and not _PICTURES & set(words_of(name)) else None
    return (last, WORD) if last in (USER_ID, ITEM_ID) else (None, 0)


def says_else(name: str) -> bool:
    """Whether a name says that a column is something else: an order, a price, an average."""
    kinds = {kind for token in words_of(name) for kind in _kinds(token)}
    return bool(kinds & {_OTHER, _ELSE}) or (_LINK in kinds and not meaning(name)[1])


def _is_known(name: str) -> bool:
    if len(name) > _MAX_LETTERS:
        return False
    if plain_name(name) in _ALL_SPELLINGS:
        return True
    tokens = words_of(name)
    kinds = {kind for token in tokens for kind in _kinds(token)}
    telling = any(len(token) > 2 or not token.isascii() for token in tokens)
    return telling and "" not in kinds and bool(kinds - {_FILLER, _ID, _OTHER, _ELSE})


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: ``fkUser-ID`` → fk, user, id."""
    name = _folded(_TYPE.sub("", name[:_MAX_LETTERS]))
    return [token.casefold() for token in _TOKENS.findall(name)]


def _kinds(token: str) -> list[str]:
    """What one word means, or the two halves of a compound; "" for what is not known."""
    if token in _MEANING:
        return [_MEANING[token]]
    if token.isdecimal():
        return []
    if not token.isascii():
        return _parts(token)
    for cut in range(len(token) - 2, 1, -1):
        begin, end = token[:cut], token[cut:]
        if end not in _MEANING or _MEANING[end] == _FILLER:
            continue
        known = next((b for b in (begin, begin.removesuffix("s")) if b in _MEANING), None)
        if known is not None and _MEANING[known] != _FILLER:
            return [_MEANING[known], _MEANING[end]]
        if len(end) >= _LEAST_ENDING:
            return ["", _MEANING[end]]
    return [""]


def _parts(token: str) -> list[str]:
    """Meanings of the known parts of a word in another script, in their order; [""] for none."""
    found: list[tuple[int, str]] = []
    left = token
    with_endings = "Ͱ" <= token[0] <= "ӿ"  # Greek and Cyrillic: stems begin words
    for part, kind in _STEMS:
        place = left.find(part)
        if place < 0 or (with_endings and place > 0):
            continue
        found.append((place, kind))
        left = left.replace(part, " " * len(part), 1)
    if token.endswith("日") and not found:
        found.append((len(token), TIMESTAMP))
    return [kind for _, kind in sorted(found)] or [""]


def _folded(text: str) -> str:
    """Without accents on Latin and Greek letters: ``película`` → ``pelicula``."""
    text = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    return "".join(
        unicodedata.normalize("NFKD", letter)[0] if _FOLDED.match(letter) else letter
        for letter in text
        if letter != "\u0307"  # the dot that a Turkish İ leaves in lower case
    )
