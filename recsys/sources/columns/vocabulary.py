"""Words in the names of columns, in the languages people use, and what each means.

All are in lower case, and those in Latin letters have no accents: see `names.words_of`.
"""

from __future__ import annotations

from recsys.schema import ITEM_ID, POSITION, RATING, TIMESTAMP, TITLE, USER_ID

#: Meanings that are no canonical columns: what people call them is known, so that it is said.
EVENT = "event"
COUNT = "count"
ID = "id"
FILLER = "filler"
#: Words of columns that are no users, items, ratings or times, whatever else their name holds.
OTHER = "other"
#: Words that make of a rating or a date that of an item or a user: of release, of birth, average.
ELSE = "else"
LINK = "link"
CONTEXTS = frozenset("context contexte contexto contesto kontext".split())
PICTURES = frozenset("image img photo picture pic thumbnail thumb avatar poster cover icon".split())

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
WORDS: dict[str, str] = {
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
    ID: """id ids key keys no nr num number code pk fk uuid guid sk nummer numero codigo
        codice kennung schluessel schlussel identifiant identificador identifier cle clave ref
        hash nb kod kodu numarasi kimlik identyfikator numer cislo azonosito szam cod tunnus
        numero kode nomor""",
    FILLER: """fk pk dim fact tbl src raw the of for in by de del della dello di da do dos das
        der die den des du la le les el los las l d value values val float int str string token
        my this unix utc gmt local iso ms sec s x y col column field new old full original org
        amazon anon anonymized num""",
    OTHER: """order orders transaction transactions invoice basket cart row record review
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
    LINK: "url uri link href permalink",
    ELSE: """birth release expiry expiration signup registration joined publish published
        publication nacimiento naissance geburt nascimento nascita estreno avg average mean
        median std mittlere moyenne promedio media medio""",
}
#: Parts of words in scripts without spaces or with endings, the longest first within a word.
PARTS: dict[str, str] = {
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
    ID: """编号 編號 番号 コード 号 號 번호 아이디 코드 номер код ид ключ идентификатор κωδικ
        αριθμ رقم معرف كود מספר קוד""",
    FILLER: "类型 タイプ",
    ELSE: "平均 上映 发行 出生 生年 発売 公開",
    OTHER: """订单 訂單 类别 分类 价格 店铺 注文 カテゴリ 価格 주문 카테고리 가격 заказ
        категори цен замовл цін παραγγελ κατηγορ τιμη طلب فئة سعر הזמנה קטגוריה מחיר 渠道 平台
        渠 状态 狀態 金额 金額 合計 总价 сумм адрес телефон магазин статус касс""",
}
#: In a file of items or users a plain "id" can only be theirs; beside events it may count events.
PLAIN_IDS = ("id", "编号", "編號", "no", "key", "code")
#: Names of texts that say more of an item than its title.
DESCRIBING = frozenset(
    """description descriptions overview plot summary synopsis abstract about text review comment
    tagline features details content body descripcion resumen sinopsis resume beschreibung
    descricao resumo sinopse descrizione trama 描述 简介 介绍 摘要 説明 概要 описание""".split()
)
#: Words in the names of sums of money.
PRICES = frozenset(
    """price prix precio preis preco prezzo prijs cena fiyat pris amount montant importe importo
    betrag total totale summe umsatz revenue""".split()
)
#: Words in the names of ids, whatever the ids are of: the surest of those that mean `ID`.
IDS = frozenset("id ids no nr code key number nummer numero codigo kod".split())
#: Names of what a user or an item is, in lower case without spaces: such columns hold no items.
ATTRIBUTES = frozenset(
    """age gender sex zip zipcode postcode postalcode city town country region state province
    occupation job profession education income salary children kids household language year
    releaseyear month price cost quantity qty stock length duration weight height width
    latitude longitude lat lon lng email mail phone notes note comment comments edad sexo
    genero ciudad pais ocupacion precio ano sexe ville pays prix annee alter geschlecht stadt
    land beruf preis jahr idade cidade preco возраст пол город страна цена год
    年龄 性别 城市 国家 地区 职业 学历 收入 价格 年份 年 年齢 性別 都市 国 職業 価格""".split()
)
#: Names of columns that hold names of people as often as titles of items.
PLAIN_NAMES = frozenset("name nombre nom nome 名字 名前 имя 이름 氏名".split())
#: The same, with those that hold titles more often: none of them is evidence for items.
AMBIGUOUS_TITLES = PLAIN_NAMES | {"displayname", "名称", "名稱"}
