# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers of a Chinese trading company as they stand in its books, and the ways in which their names are written.

Names are put together from words whose pinyin is written here, beside them: no library spells them. Few words are very
common, so that many companies look alike; some are sisters, that differ in the place or the legal form only.
"""

from dataclasses import dataclass

PLACES = (
    "深圳市 shenzhen,上海 shanghai,北京 beijing,广州市 guangzhou,东莞市 dongguan,苏州 suzhou,"
    "杭州 hangzhou,宁波市 ningbo,佛山市 foshan,成都 chengdu,武汉 wuhan,青岛 qingdao,厦门 xiamen,"
    "天津 tianjin,重庆 chongqing,浙江 zhejiang,江苏 jiangsu,无锡 wuxi,常州市 changzhou"
)
BRANDS = (
    "恒通 hengtong,鑫源 xinyuan,宏达 hongda,永盛 yongsheng,瑞丰 ruifeng,金龙 jinlong,天宇 tianyu,"
    "博远 boyuan,中联 zhonglian,华强 huaqiang,安信 anxin,德胜 desheng,利达 lida,顺成 shuncheng,"
    "海天 haitian,正大 zhengda,万和 wanhe,嘉美 jiamei,力通 litong,欧亚 ouya,卓越 zhuoyue,星光 xingguang,"
    "锦程 jincheng,启明 qiming,昌盛 changsheng,飞跃 feiyue,鼎新 dingxin,铭泰 mingtai,凯盛 kaisheng,"
    "广源 guangyuan,精诚 jingcheng,远洋 yuanyang,浩瀚 haohan,宇航 yuhang,景泰 jingtai,云峰 yunfeng,"
    "润泽 runze,森源 senyuan,优品 youpin,百川 baichuan,同创 tongchuang,聚力 juli,祥和 xianghe,雅致 yazhi,"
    "美源 meiyuan,长丰 changfeng,东方 dongfang,新华 xinhua,立信 lixin,明辉 minghui,汇丰源 huifengyuan,"
    "金三角 jinsanjiao,大自然 daziran,好运来 haoyunlai,佳世达 jiashida,科瑞特 keruite,艾利欧 ailiou,"
    "诺德尔 nuodeer"
)
TRADES = (
    "电子 dianzi electronics,科技 keji technology,贸易 maoyi trading,"
    "电子科技 dianzi_keji electronic_technology,实业 shiye industrial,五金制品 wujin_zhipin hardware,"
    "机械设备 jixie_shebei machinery,信息技术 xinxi_jishu information_technology,"
    "建筑工程 jianzhu_gongcheng construction,食品 shipin foods,医疗器械 yiliao_qixie medical_devices,"
    "物流 wuliu logistics,服饰 fushi apparel,包装 baozhuang packaging,化工 huagong chemical,"
    "新材料 xin_cailiao new_materials,自动化 zidonghua automation,汽车配件 qiche_peijian auto_parts,"
    "塑胶 sujiao plastics,照明 zhaoming lighting"
)
LEGAL = (("有限公司", 12), ("有限责任公司", 2), ("股份有限公司", 2), ("集团有限公司", 1))
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚建国志海文"
FOREIGN = (
    "Nordlicht Maschinenbau GmbH,Alder & Stone Ltd,Bright Harbor Trading LLC,Cobalt Ridge Industries Inc,"
    "Delmare Import Export SRL,Everline Components BV,Fjordtek AS,Gulf Pearl General Trading FZE,"
    "Hanseatic Tools GmbH & Co. KG,Iberia Ferreteria SL,Jarrah Supplies Pty Ltd,Kestrel Lighting Co.,"
    "Lumen Nord AB,Maple Forge Corp,Northgate Electrical Wholesale Ltd,Ostrava Strojirny s.r.o.,"
    "Pacific Crest Hardware Inc,Quayside Marine Ltd,Rheintal Elektro AG,Sable Point Distribution LLC,"
    "Tasman Fixings Pty Ltd,Ural Komplekt OOO,Vega Industrial SA,Westfield Tooling Inc,"
    "Yarra Valley Packaging Pty Ltd,Zenith Auto Parts LLC,Baltic Fasteners UAB,Andes Minera SAC,"
    "Cedar Mills Furniture Inc,Emirates Steel Hangers LLC"
)


@dataclass(frozen=True)
class Customer:
    """A company; ``account`` is the one it pays from, ``known`` whether the books have it already.

    ``kin``: what companies that may be taken for each other share (the brand). ``person``: who pays for it at times.
    """

    number: int
    name: str
    shorts: tuple
    latins: tuple
    kin: str
    currency: str
    account: str
    known: bool
    person: str
    person_account: str


def make_customers(rng, count):
    """``count`` customers; one in eight is abroad and buys in USD."""
    parts = [[tuple(word.split()) for word in words.split(",")] for words in (PLACES, BRANDS, TRADES)]
    customers, names = [], set()
    foreign = [(name, suffix) for suffix in ("", " (Asia)", " Branch", " Holding", " Export", " 2") for name in FOREIGN.split(",")]
    while len(customers) < count:
        number = len(customers)
        abroad = number % 8 == 0 and number // 8 < len(foreign)
        if abroad:
            name = "".join(foreign[number // 8])
            word = name.split()[0]
            written = (name, (word,) + ((" ".join(name.split()[:2]),) * 2), (name.upper(), name.upper().replace(".", "")), word)
        else:
            written = _make_chinese(rng, parts)
        if written[0] in names:
            continue
        names.add(written[0])
        name, shorts, latins, kin = written
        account = _make_account(rng, abroad)
        person = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
        currency = "USD" if abroad else "CNY"
        customers.append(
            Customer(
                number, name, shorts, latins, kin, currency, account, rng.random() < 0.45, person, _make_account(rng, False)
            )
        )
    return customers


def _make_account(rng, abroad):
    if abroad:
        return rng.choice(("DE", "GB", "NL")) + "".join(rng.choices("0123456789", k=20))
    return rng.choice(("6222", "4420", "7559", "1202", "3100", "8110")) + "".join(rng.choices("0123456789", k=rng.choice((11, 13, 15))))


def _make_chinese(rng, parts):
    """(name, how people shorten it, how it reads in Latin letters, kin)."""
    places, brands, trades = parts
    place, place_latin = rng.choices(places, range(len(places), 0, -1))[0]
    brand, brand_latin = rng.choices(brands, [1 / (rank + 6) for rank in range(len(brands))])[0]
    trade, trade_latin, trade_english = rng.choices(trades, range(len(trades), 0, -1))[0]
    legal = rng.choices([form for form, _weight in LEGAL], [weight for _form, weight in LEGAL])[0]
    bare = place.rstrip("市")
    if rng.random() < 0.12:
        name = "%s%s（%s）%s" % (brand, trade, bare, legal)
    else:
        name = place + brand + trade + legal
    shorts = (brand + trade, bare + brand, bare + brand + trade, brand + trade + "公司", place + brand + trade + "有限")
    pinyin = "%s %s %s" % (place_latin, brand_latin, trade_latin.replace("_", " "))
    latins = (
        (pinyin + " youxian gongsi").upper(),
        ("%s %s %s co.,ltd" % (place_latin, brand_latin, trade_english.replace("_", " "))).upper(),
        pinyin.title(),
        ("%s %s %s co ltd" % (place_latin, brand_latin, trade_english.replace("_", " "))).title(),
    )
    return name, shorts, latins, brand
