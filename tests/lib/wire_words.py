"""Words of wire_copies.py: of each language subjects, verbs with objects, places, times, attributions, and the rest.

Every list is small, so that different stories share words and phrases as real ones do; their products are large. Serbian
is in Cyrillic here, Latin is made from it.
"""


def words(text):
    return [w.strip() for w in text.strip().split("|")]


LANGUAGES = {
    "en": {
        "with": "{o} with {n}",
        "order": "{s} {v} {o} {p} {t}{c}.", "title": "{s} {v} {o} {p}", "retitle": "{p2}: {o} after move by {s}", "join": " ",
        "s": words("the energy minister|the central bank|a regional court|the port authority|the farmers' union|the city council|"
                   "an opposition deputy|the railway company|the health agency|the border guard|a group of engineers|the university|"
                   "the prosecutor's office|the national airline|the water utility|the fishermen's association"),
        "v": words("approved|rejected|postponed|announced|criticised|extended|suspended|published|reviewed|defended|withdrew|welcomed"),
        "o": words("the new budget plan|a bridge repair contract|stricter safety rules|the merger of two hospitals|an audit of fuel prices|"
                   "the sale of grain reserves|a tunnel under the strait|the reform of pensions|a ban on night flights|wage talks with drivers|"
                   "the list of protected forests|a loan for small farms|the inquiry into flooding|an export licence for steel|the school meals scheme"),
        "p": words("in Riverton|in the northern valley|near the old harbour|in Eastmarch|at the capital's fairground|in the mountain district|"
                   "on the southern coast|in Halden|outside the parliament|in the lake region|near Kingsbridge|in the industrial zone"),
        "t": words("on Monday|on Tuesday evening|late on Wednesday|on Thursday morning|on Friday|over the weekend|after a long session|"
                   "before the summer recess|despite heavy rain|for the second time this year|without a vote|in front of hundreds of residents"),
        "c": words("|, officials said|, according to a written statement|, two witnesses told reporters|, documents show|, a spokeswoman confirmed|"
                   ", although critics doubt the figures|, which surprised local traders|, citing rising costs|, and promised a report by autumn"),
        "num": words("About {n} people took part in the hearing|The cost is put at {n} million|Prices rose by {d} percent|"
                     "{n} households will be affected|The first {n} kilometres are finished|A fine of {n} thousand was paid"),
        "by": words("By our own correspondent|From staff and agencies|Reporting by the newsroom|Edited by the night desk"),
        "tag": words("({a}) - |{city}, ({a}) -- |/{a}/ "), "agency": words("Interwire|NNA|Presslink"),
        "boiler": words("Subscribe to our newsletter for the latest stories, delivered to your inbox every morning, and follow us on social media. All rights reserved; this material may not be published, broadcast, rewritten or redistributed without permission.|"
                        "Read more on our website. Our journalism depends on readers: support independent reporting with a small monthly contribution. Terms of use and privacy policy apply to all comments below this article.|"
                        "This article was first published by a partner agency. Download our application for alerts, weather and traffic. Advertise with us, contact the editors, or report an error in this text."),
        "match": ["{x} beat {y} {k}-{l} at {st}", "{x} took the lead in minute {m1} when {n1} headed in a corner at {st}. {y} pressed for most of the first half, but the post denied {n2} shortly before the break. After the restart {n3} doubled the advantage with a low shot from the edge of the area. {y} pulled one back through {n2}, yet {x} held on and won {k}-{l} before {crowd} spectators. {x} now have {pts} points from {games} matches and meet {z} next, while {y} stay in the lower half of the table."],
        "weekly": ["Market report: shares close {dir}", "The main index closed at {i1} points on {day}, {dir} {d1} percent from the day before. Turnover reached {i2} million. Of {i3} traded shares, {i4} gained and {i5} lost. The currency traded at {d2} to the dollar. Oil was at {d3} a barrel in the afternoon, and gold cost {i6} an ounce. Analysts expect calm trading until the bank decides on interest rates. Government bonds were little changed in thin trading, dealers said."],
        "teams": words("Riverton|Halden|Eastmarch|Kingsbridge|Northport|Oakfield|Westbury|Milltown"),
        "names": words("Harper|Lindqvist|Okoye|Barnes|Moreau|Castell|Dunne|Farrow|Ibsen|Novak|Price|Quill"),
        "days": words("Monday|Tuesday|Wednesday|Thursday|Friday"), "dirs": words("up|down"),
    },
    "az": {
        "with": "{n} ilə {o}",
        "order": "{s} {t} {p} {o} {v}{c}.", "title": "{s} {p} {o} {v}", "retitle": "{p2} müzakirə: {s} və {o}", "join": " ",
        "s": words("Energetika naziri|Mərkəzi Bank|rayon məhkəməsi|liman idarəsi|fermerlər birliyi|şəhər icra hakimiyyəti|müxalifət deputatı|dəmir yolu şirkəti|"
                   "səhiyyə agentliyi|sərhəd xidməti|mühəndislər qrupu|Dövlət Universiteti|baş prokurorluq|milli aviaşirkət|su təsərrüfatı idarəsi|balıqçılar ittifaqı"),
        "v": words("təsdiqlədi|rədd etdi|təxirə saldı|elan etdi|tənqid etdi|uzatdı|dayandırdı|dərc etdi|nəzərdən keçirdi|müdafiə etdi|geri götürdü|alqışladı"),
        "o": words("yeni büdcə layihəsini|körpünün təmiri müqaviləsini|sərt təhlükəsizlik qaydalarını|iki xəstəxananın birləşdirilməsini|yanacaq qiymətlərinin yoxlanmasını|"
                   "taxıl ehtiyatlarının satışını|boğazın altından tunel planını|pensiya islahatını|gecə uçuşlarına qadağanı|sürücülərlə maaş danışıqlarını|"
                   "qorunan meşələrin siyahısını|kiçik təsərrüfatlara krediti|daşqın üzrə araşdırmanı|polad ixracı lisenziyasını|məktəb yeməyi proqramını"),
        "p": words("Gəncədə|Şəkidə|köhnə limanın yaxınlığında|Lənkəranda|paytaxtın sərgi mərkəzində|dağlıq rayonda|cənub sahilində|Sumqayıtda|"
                   "parlamentin qarşısında|göl bölgəsində|Qubada|sənaye zonasında"),
        "t": words("bazar ertəsi|çərşənbə axşamı|çərşənbə günü gec saatlarda|cümə axşamı səhər|cümə günü|həftə sonu|uzun iclasdan sonra|yay tətilindən əvvəl|"
                   "güclü yağışa baxmayaraq|bu il ikinci dəfə|səsvermə olmadan|yüzlərlə sakinin gözü qarşısında"),
        "c": words("|, bunu rəsmilər bildirib|, yazılı bəyanatda belə deyilir|, iki şahid jurnalistlərə danışıb|, sənədlər bunu göstərir|, sözçü təsdiqləyib|"
                   ", tənqidçilər rəqəmlərə inanmır|, bu yerli tacirləri təəccübləndirib|, səbəb artan xərclərdir|, hesabat payıza vəd olunub"),
        "num": words("Dinləmədə təxminən {n} nəfər iştirak edib|Xərc {n} milyon manat qiymətləndirilir|Qiymətlər {d} faiz artıb|Bu {n} ailəyə təsir edəcək|"
                     "İlk {n} kilometr hazırdır|{n} min manat cərimə ödənilib"),
        "by": words("Öz müxbirimiz|Redaksiya və agentliklər|Xəbər şöbəsi hazırlayıb|Gecə növbəsi"),
        "tag": words("({a}) - |{city}, /{a}/ - |/{a}/ "), "agency": words("XəbərTel|AzMətbuat|İnform"),
        "boiler": words("Ən son xəbərləri hər səhər almaq üçün bülletenimizə abunə olun və bizi sosial şəbəkələrdə izləyin. Bütün hüquqlar qorunur, materialdan istifadə edərkən istinad mütləqdir, icazəsiz yayım qadağandır.|"
                        "Davamını saytımızda oxuyun. Jurnalistikamız oxuculardan asılıdır: müstəqil xəbərçiliyi kiçik aylıq ianə ilə dəstəkləyin. Məqalənin altındakı şərhlərə istifadə şərtləri və məxfilik siyasəti şamil olunur.|"
                        "Bu yazı ilk dəfə tərəfdaş agentlik tərəfindən dərc edilib. Hava, yol və təcili bildirişlər üçün tətbiqimizi yükləyin. Reklam yerləşdirin, redaktorlarla əlaqə saxlayın və ya səhvi bildirin."),
        "match": ["{x} {st} stadionunda {y} komandasını {k}-{l} məğlub etdi", "{x} {m1}-cü dəqiqədə {st} stadionunda {n1} künc zərbəsindən sonra başla vurduğu qolla önə keçdi. {y} birinci hissənin çoxunda hücum etdi, lakin fasilədən əvvəl {n2} dirəyi vurdu. Fasilədən sonra {n3} cərimə meydanının kənarından alçaq zərbə ilə fərqi ikiqat etdi. {y} {n2} vasitəsilə bir qol qaytarsa da, {x} {crowd} tamaşaçı önündə {k}-{l} qalib gəldi. {x} indi {games} oyunda {pts} xala malikdir və növbəti turda {z} ilə görüşəcək, {y} isə cədvəlin aşağı yarısında qalır."],
        "weekly": ["Birja icmalı: səhmlər {dir}", "Əsas indeks {day} günü {i1} bənddə bağlandı və əvvəlki günə nisbətən {d1} faiz {dir}. Dövriyyə {i2} milyona çatdı. {i3} səhmdən {i4} bahalaşdı, {i5} ucuzlaşdı. Valyuta dollara nisbətən {d2} səviyyəsində idi. Neft günün ikinci yarısında barreli {d3} dollara, qızıl isə unsiyası {i6} dollara satıldı. Analitiklər bankın faiz qərarına qədər sakit ticarət gözləyirlər. Dilerlərin sözlərinə görə dövlət istiqrazları zəif ticarətdə az dəyişib."],
        "teams": words("Gəncə|Şəki|Lənkəran|Sumqayıt|Quba|Naxçıvan|Mingəçevir|Şamaxı"),
        "names": words("Əliyev|Məmmədov|Hüseynov|Quliyev|İsmayılov|Rzayev|Cəfərov|Səfərov|Orucov|Nəbiyev|Vəliyev|Abbasov"),
        "days": words("bazar ertəsi|çərşənbə axşamı|çərşənbə|cümə axşamı|cümə"), "dirs": words("bahalaşdı|ucuzlaşdı"),
    },
    "tr": {
        "with": "{n} ile {o}",
        "order": "{s} {t} {p} {o} {v}{c}.", "title": "{s} {p} {o} {v}", "retitle": "{p2} tartışma: {s} ile {o}", "join": " ",
        "s": words("Enerji Bakanı|Merkez Bankası|bölge mahkemesi|liman işletmesi|çiftçiler birliği|belediye meclisi|muhalefet milletvekili|demiryolu şirketi|"
                   "sağlık kurumu|sınır muhafızları|mühendisler grubu|üniversite yönetimi|başsavcılık|ulusal havayolu|su idaresi|balıkçılar derneği"),
        "v": words("onayladı|reddetti|erteledi|duyurdu|eleştirdi|uzattı|askıya aldı|yayımladı|inceledi|savundu|geri çekti|memnuniyetle karşıladı"),
        "o": words("yeni bütçe tasarısını|köprü onarım sözleşmesini|sıkı güvenlik kurallarını|iki hastanenin birleşmesini|akaryakıt fiyatlarının denetimini|"
                   "tahıl stoklarının satışını|boğazın altındaki tüneli|emeklilik reformunu|gece uçuşu yasağını|sürücülerle ücret görüşmelerini|"
                   "korunan ormanlar listesini|küçük çiftliklere krediyi|sel soruşturmasını|çelik ihracat iznini|okul yemeği programını"),
        "p": words("Isparta'da|kuzey vadisinde|eski limanın yakınında|İznik'te|başkentin fuar alanında|dağlık ilçede|güney kıyısında|Iğdır'da|"
                   "meclisin önünde|göller bölgesinde|Şırnak'ta|sanayi bölgesinde"),
        "t": words("pazartesi günü|salı akşamı|çarşamba günü geç saatlerde|perşembe sabahı|cuma günü|hafta sonu|uzun bir oturumun ardından|yaz tatilinden önce|"
                   "şiddetli yağmura rağmen|bu yıl ikinci kez|oylama yapmadan|yüzlerce sakinin önünde"),
        "c": words("|, yetkililer böyle söyledi|, yazılı açıklamada belirtildi|, iki tanık gazetecilere anlattı|, belgeler bunu gösteriyor|, sözcü doğruladı|"
                   ", eleştirmenler rakamlara inanmıyor|, bu yerel esnafı şaşırttı|, gerekçe artan maliyetler|, rapor sonbahara söz verildi"),
        "num": words("Oturuma yaklaşık {n} kişi katıldı|Maliyetin {n} milyon olduğu hesaplanıyor|Fiyatlar yüzde {d} arttı|Bundan {n} hane etkilenecek|"
                     "İlk {n} kilometre tamamlandı|{n} bin lira ceza ödendi"),
        "by": words("Kendi muhabirimizden|Haber merkezi ve ajanslar|Haber servisi hazırladı|Gece masası"),
        "tag": words("({a}) - |{city}, ({a}) -- |/{a}/ "), "agency": words("Haberhattı|BHA|İlksöz"),
        "boiler": words("En son haberleri her sabah almak için bültenimize abone olun ve bizi sosial medyada takip edin. Tüm hakları saklıdır, bu içerik izin alınmadan yayımlanamaz, yeniden yazılamaz veya dağıtılamaz.|"
                        "Devamını sitemizde okuyun. Gazeteciliğimiz okurlara dayanıyor: bağımsız haberciliği küçük bir aylık katkıyla destekleyin. Yazının altındaki yorumlar kullanım koşullarına ve gizlilik ilkelerine tabidir.|"
                        "Bu yazı ilk kez ortak bir ajansta yayımlandı. Hava, trafik ve son dakika bildirimleri için uygulamamızı indirin. Reklam verin, editörlere ulaşın ya da metindeki hatayı bildirin."),
        "match": ["{x}, {st} stadında {y} takımını {k}-{l} yendi", "{x}, {st} stadında {m1}. dakikada {n1} ile köşe vuruşundan gelen kafa golüyle öne geçti. {y} ilk yarının büyük bölümünde baskı kurdu, ancak devreden önce {n2} direğe takıldı. İkinci yarıda {n3} ceza sahası dışından alçak bir vuruşla farkı ikiye çıkardı. {y} {n2} ile bir gol bulsa da {x} {crowd} seyirci önünde {k}-{l} kazandı. {x} şimdi {games} maçta {pts} puana sahip ve gelecek hafta {z} ile karşılaşacak, {y} ise tablonun alt yarısında kaldı."],
        "weekly": ["Borsa özeti: hisseler {dir}", "Ana endeks {day} günü {i1} puandan kapandı ve önceki güne göre yüzde {d1} {dir}. İşlem hacmi {i2} milyona ulaştı. İşlem gören {i3} hissenin {i4} tanesi kazandı, {i5} tanesi kaybetti. Para birimi dolar karşısında {d2} düzeyindeydi. Petrolün varili öğleden sonra {d3} dolar, altının onsu {i6} dolardı. Analistler banka faize karar verene dek sakin bir piyasa bekliyor. Devlet tahvilleri zayıf işlemlerde az değişti, dedi aracılar."],
        "teams": words("Isparta|İznik|Iğdır|Şırnak|Çanakkale|Ordu|Muğla|Kütahya"),
        "names": words("Yılmaz|Kaya|Demir|Şahin|Çelik|Yıldız|Işık|Öztürk|Aydın|Arslan|Doğan|Kılıç"),
        "days": words("pazartesi|salı|çarşamba|perşembe|cuma"), "dirs": words("yükseldi|geriledi"),
    },
    "ru": {
        "with": "{o} с «{n}»",
        "order": "{s} {t} {p} {v} {o}{c}.", "title": "{s} {p} {v} {o}", "retitle": "{p2} обсуждают решение: {s} и {o}", "join": " ",
        "s": words("министр энергетики|глава центробанка|областной суд|начальник порта|союз фермеров|городской совет|депутат от оппозиции|железнодорожный перевозчик|"
                   "минздрав|пограничный отряд|совет инженеров|университет|генеральный прокурор|национальный авиаперевозчик|водоканал|союз рыбаков"),
        "v": words("одобрил|отклонил|отложил|объявил|раскритиковал|продлил|приостановил|опубликовал|пересмотрел|поддержал|отозвал|обсудил"),
        "o": words("новый проект бюджета|договор о ремонте моста|правила пожарной безопасности|слияние двух больниц|проверку цен на топливо|"
                   "продажу запасов зерна|строительство туннеля под проливом|реформу пенсий|запрет ночных полётов|переговоры о зарплатах водителей|"
                   "список охраняемых лесов|кредит для малых хозяйств|расследование причин паводка|лицензию на экспорт стали|программу школьного питания"),
        "p": words("в Заречье|в северной долине|возле старой гавани|в Приморске|на столичной выставке|в горном районе|на южном побережье|в Белогорске|"
                   "у здания парламента|в озёрном крае|под Каменкой|в промышленной зоне"),
        "t": words("в понедельник|во вторник вечером|поздно в среду|в четверг утром|в пятницу|в выходные|после долгого заседания|до летних каникул|"
                   "несмотря на сильный дождь|второй раз за год|без голосования|на глазах у сотен жителей"),
        "c": words("|, сообщили чиновники|, говорится в письменном заявлении|, рассказали журналистам два свидетеля|, следует из документов|, подтвердила пресс-секретарь|"
                   ", хотя критики сомневаются в цифрах|, что удивило местных торговцев|, сославшись на рост расходов|, и пообещал отчёт к осени"),
        "num": words("В слушаниях участвовали около {n} человек|Расходы оценивают в {n} миллионов|Цены выросли на {d} процента|Это коснётся {n} семей|"
                     "Первые {n} километров готовы|Уплачен штраф в {n} тысяч"),
        "by": words("От нашего корреспондента|Редакция и агентства|Подготовил отдел новостей|Ночная смена"),
        "tag": words("({a}) - |{city}, {a} — |/{a}/ "), "agency": words("Вестпресс|РИНТ|Телетайп"),
        "boiler": words("Подпишитесь на нашу рассылку, чтобы получать свежие новости каждое утро, и следите за нами в социальных сетях. Все права защищены, перепечатка материалов без разрешения редакции запрещена.|"
                        "Читайте далее на нашем сайте. Наша журналистика зависит от читателей: поддержите независимую редакцию небольшим ежемесячным взносом. На комментарии под статьёй распространяются условия использования и правила конфиденциальности.|"
                        "Статья впервые опубликована партнёрским агентством. Скачайте приложение с уведомлениями, погодой и пробками. Разместите рекламу, напишите редакторам или сообщите об ошибке в тексте."),
        "match": ["{x} обыграл {y} {k}:{l} на стадионе {st}", "{x} вышел вперёд на {m1}-й минуте, когда {n1} замкнул головой подачу углового на стадионе {st}. {y} давил большую часть первого тайма, но перед перерывом {n2} попал в штангу. После паузы {n3} удвоил преимущество низовым ударом с линии штрафной. {y} отыграл один мяч усилиями форварда {n2}, однако {x} удержал победу {k}:{l} на глазах у {crowd} зрителей. Теперь у команды {x} {pts} очков в {games} матчах, далее она встретится с клубом {z}, а {y} остаётся в нижней половине таблицы."],
        "weekly": ["Обзор биржи: акции {dir}", "Основной индекс закрылся в {day} на отметке {i1} пункта, акции {dir} на {d1} процента к предыдущему дню. Оборот достиг {i2} миллионов. Из {i3} бумаг {i4} подорожали, {i5} подешевели. Валюта торговалась по {d2} за доллар. Нефть днём стоила {d3} за баррель, золото {i6} за унцию. Аналитики ждут спокойных торгов до решения банка по ставке. Государственные облигации почти не изменились при слабых торгах, сообщили дилеры."],
        "teams": words("Заречье|Приморск|Белогорск|Каменка|Северодол|Дубрава|Лесной|Озёрск"),
        "names": words("Иванов|Кузнецов|Соколов|Лебедев|Морозов|Волков|Зайцев|Павлов|Орлов|Макаров|Фролов|Беляев"),
        "days": words("понедельник|вторник|среду|четверг|пятницу"), "dirs": words("выросли|упали"),
    },
    "sr": {
        "with": "{o} са «{n}»",
        "order": "{s} {v} {o} {p} {t}{c}.", "title": "{s} {v} {o} {p}", "retitle": "{p2} расправа: {s} и {o}", "join": " ",
        "s": words("министар енергетике|гувернер централне банке|окружни суд|директор луке|савез пољопривредника|градски парламент|посланик опозиције|железнички превозник|"
                   "завод за здравље|погранични одред|тим инжењера|универзитет|јавни тужилац|национални авиопревозник|градски водовод|савез рибара"),
        "v": words("усвојио је|одбио је|одложио је|најавио је|критиковао је|продужио је|обуставио је|објавио је|размотрио је|бранио је|повукао је|поздравио је"),
        "o": words("нови предлог буџета|уговор о поправци моста|строжа правила безбедности|спајање две болнице|проверу цена горива|"
                   "продају залиха жита|градњу тунела испод мореуза|реформу пензија|забрану ноћних летова|преговоре о платама возача|"
                   "списак заштићених шума|зајам за мала газдинства|истрагу о поплавама|дозволу за извоз челика|програм школских оброка"),
        "p": words("у Ваљеву|у северној долини|крај старе луке|у Чачку|на сајму у престоници|у планинском крају|на јужној обали|у Ужицу|"
                   "испред скупштине|у језерском крају|близу Шапца|у индустријској зони"),
        "t": words("у понедељак|у уторак увече|касно у среду|у четвртак ујутру|у петак|током викенда|после дуге седнице|пре летње паузе|"
                   "упркос јакој киши|други пут ове године|без гласања|пред стотинама мештана"),
        "c": words("|, саопштили су званичници|, наводи се у писаној изјави|, рекла су новинарима два сведока|, показују документи|, потврдила је портпаролка|"
                   ", мада критичари сумњају у бројке|, што је изненадило трговце|, због раста трошкова|, и обећао извештај до јесени"),
        "num": words("У расправи је учествовало око {n} људи|Трошак се процењује на {n} милиона|Цене су порасле за {d} одсто|То ће осетити {n} домаћинстава|"
                     "Првих {n} километара је готово|Плаћена је казна од {n} хиљада"),
        "by": words("Од нашег дописника|Редакција и агенције|Припремио деск|Ноћна смена"),
        "tag": words("({a}) - |{city}, {a} - |/{a}/ "), "agency": words("Вестник|БНА|Новост"),
        "boiler": words("Пријавите се на наш билтен да бисте свако јутро добијали најновије вести и пратите нас на друштвеним мрежама. Сва права задржана, преношење садржаја без дозволе редакције није дозвољено.|"
                        "Прочитајте више на нашем сајту. Наше новинарство зависи од читалаца: подржите независно извештавање малим месечним прилогом. На коментаре испод чланка примењују се услови коришћења и правила приватности.|"
                        "Чланак је први објавила партнерска агенција. Преузмите апликацију за обавештења, време и саобраћај. Огласите се код нас, пишите уредницима или пријавите грешку у тексту."),
        "match": ["{x} победио {y} {k}:{l} на стадиону {st}", "{x} је повео у {m1}. минуту када је {n1} главом погодио после корнера на стадиону {st}. {y} је нападао већи део првог полувремена, али је пред одмор {n2} погодио стативу. После паузе {n3} је удвостручио предност ниским ударцем са ивице казненог простора. {y} је смањио преко играча {n2}, ипак је {x} сачувао победу {k}:{l} пред {crowd} гледалаца. {x} сада има {pts} бодова из {games} утакмица и следи му {z}, а {y} остаје у доњем делу табеле."],
        "weekly": ["Преглед берзе: акције {dir}", "Главни индекс је у {day} завршио на {i1} поена, акције су {dir} за {d1} одсто у односу на претходни дан. Промет је достигао {i2} милиона. Од {i3} акција {i4} је порасло, а {i5} пало. Валута је вредела {d2} за долар. Нафта је поподне коштала {d3} за барел, а злато {i6} за унцу. Аналитичари очекују мирно трговање до одлуке банке о каматама. Државне обвезнице су се мало промениле у слабом трговању, кажу дилери."],
        "teams": words("Ваљево|Чачак|Ужице|Шабац|Нишава|Зајечар|Љубовија|Ђердап"),
        "names": words("Јовановић|Петровић|Николић|Ђорђевић|Љубичић|Његован|Жикић|Ћирић|Шарић|Чолић|Поповић|Савић"),
        "days": words("понедељак|уторак|среду|четвртак|петак"), "dirs": words("порасле|пале"),
    },
    "zh": {
        "with": "与{n}公司的{o}",
        "order": "{s}{t}{p}{v}{o}{c}。", "title": "{s}{p}{v}{o}", "retitle": "{p2}热议：{o}与{s}", "join": "",
        "s": words("能源部长|中央银行|地区法院|港口管理局|农民联合会|市议会|反对党议员|铁路公司|卫生机构|边防部队|工程师小组|大学校方|检察机关|国家航空公司|自来水公司|渔民协会"),
        "v": words("批准了|否决了|推迟了|宣布了|批评了|延长了|暂停了|公布了|审查了|支持|撤回了|欢迎"),
        "o": words("新的预算方案|桥梁维修合同|更严格的安全规定|两家医院的合并|燃油价格审计|出售粮食储备的计划|海峡隧道工程|养老金改革|夜间飞行禁令|与司机的工资谈判|受保护森林名单|小农场贷款|洪水调查|钢铁出口许可证|学校午餐计划"),
        "p": words("在河口市|在北部山谷|在旧港口附近|在东平县|在首都展览馆|在山区|在南部海岸|在青石镇|在议会门前|在湖区|在金桥附近|在工业区"),
        "t": words("星期一|星期二晚上|星期三深夜|星期四上午|星期五|周末|经过长时间会议后|在暑期休会之前|冒着大雨|今年第二次|未经表决|当着数百名居民的面"),
        "c": words("|，官员们表示|，书面声明称|，两名目击者告诉记者|，文件显示|，女发言人证实|，尽管批评者怀疑这些数字|，这让当地商人感到意外|，理由是成本上升|，并承诺秋天前提交报告"),
        "num": words("约有{n}人参加了听证会|费用估计为{n}万元|价格上涨了{d}%|将有{n}户家庭受到影响|首批{n}公里已经完工|缴纳了{n}千元罚款"),
        "by": words("本报记者报道|本社编辑部综合|新闻中心整理|夜班编辑"),
        "tag": words("（{a}）|{city}{a}电 |【{a}】"), "agency": words("环讯社|新联社|通达社"),
        "boiler": words("欢迎订阅我们的新闻简报，每天早晨为您送上最新消息，并请在社交媒体上关注我们。版权所有，未经许可不得转载、改写、播放或者传播本网站的任何内容。|"
                        "更多内容请访问我们的网站。我们的新闻事业依靠读者：请以每月小额捐款支持独立报道。本文下方的评论适用使用条款和隐私政策，请文明发言。|"
                        "本文最初由合作通讯社发表。下载我们的应用程序，获取提醒、天气和交通信息。投放广告、联系编辑或者报告文中的错误，请点击页面底部的链接。"),
        "match": ["{x}队在{st}体育场{k}:{l}战胜{y}队", "{x}队在{st}体育场第{m1}分钟由{n1}接角球头球破门取得领先。{y}队上半场大部分时间压着对手打，但{n2}在中场休息前击中门柱。下半场{n3}在禁区边缘低射将比分扩大。{y}队由{n2}扳回一球，但{x}队在{crowd}名观众面前以{k}:{l}获胜。{x}队目前{games}场比赛积{pts}分，下一轮对阵{z}队，{y}队仍处于积分榜下半区。"],
        "weekly": ["股市综述：股票{dir}", "主要指数{day}收于{i1}点，比前一天{dir}{d1}%。成交额达到{i2}百万。在{i3}只股票中，{i4}只上涨，{i5}只下跌。本币对美元汇率为{d2}。下午油价为每桶{d3}美元，黄金每盎司{i6}美元。分析人士预计在银行决定利率之前交易平静。交易商表示，国债在清淡的交易中变化不大。"],
        "teams": words("河口|青石|东平|金桥|北港|橡林|西堡|磨坊"),
        "names": words("王建国|李明华|张伟民|刘志强|陈晓东|杨国庆|赵文斌|黄海涛|周子豪|吴俊杰|徐立新|孙长江"),
        "days": words("星期一|星期二|星期三|星期四|星期五"), "dirs": words("上涨|下跌"),
    },
}

# What names are made of, and what may stand between.
SYLLABLES = {
    "en": (words("bar|den|ford|hal|ker|lin|mar|nor|pen|quin|ros|stan|tor|vel|wick|yor|ash|bel|cor|dun"), ["", "a", "e", "i", "o"]),
    "az": (words("ay|bəy|çin|dəl|el|gül|həm|kam|ləm|mur|nəs|or|ram|səd|şah|tey|vüs|yar|zər|ıl"), ["", "a", "ə", "i", "u"]),
    "tr": (words("ay|ber|can|dem|er|gül|han|kor|lüt|mer|nur|öz|rah|sel|şen|tun|ulu|vur|yıl|zey"), ["", "a", "e", "ı", "u"]),
    "ru": (words("бор|вла|гри|дор|ев|жар|зин|кал|лев|мир|ник|ост|пав|род|све|тим|уль|фед|яр|щер"), ["", "а", "е", "и", "о"]),
    "sr": (words("бој|вла|гор|дра|ђур|жив|зор|јел|лаз|љуб|мил|нед|њег|рас|сла|том|ћук|вер|чед|шик"), ["", "а", "е", "и", "о"]),
    "zh": (list("安博晨丹恩芳耿涵嘉康岚茂宁培琪荣尚彤维欣轩雅泽若煜朗婷颖骏勋昊翔蕾璐桦铭雯曦骥珂沅瀚榕钰潇琰峻忻舜逸"), [""]),
}

LATIN = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš")) | {"љ": "lj", "њ": "nj", "џ": "dž"}


def to_latin(text):
    """Serbian Cyrillic in the Latin letters that Serbian is also written in."""
    return "".join(LATIN[c] if c in LATIN else LATIN[c.lower()].capitalize() if c.lower() in LATIN else c for c in text)
