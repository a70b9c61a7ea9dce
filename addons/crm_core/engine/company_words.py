# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words Chinese company names are made of: places, legal forms, branches, trades, and characters mistaken for others."""

from __future__ import annotations

_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 中国"
)
_CITIES = (
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 "
    "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 "
    "长春 四平 辽源 通化 白山 松原 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 "
    "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 "
    "丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 "
    "南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 "
    "威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 "
    "驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 "
    "郴州 永州 怀化 娄底 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 "
    "云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 成都 自贡 攀枝花 泸州 德阳 绵阳 "
    "广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 "
    "丽江 普洱 临沧 大理 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 "
    "酒泉 庆阳 定西 陇南 西宁 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 昆山 义乌 江阴 张家港 常熟 太仓 慈溪 余姚 诸暨 "
    "晋江 石狮 福清 浦东 苏州工业园区 台北 高雄 新加坡"
)
#: Places a name may begin with, or end with in brackets; the longest first, so that an alternation takes it.
PLACES = tuple(sorted((_PROVINCES + " " + _CITIES).split(), key=len, reverse=True))
LATIN_PLACES = frozenset(
    "china prc hongkong hong kong beijing shanghai shenzhen guangzhou dongguan suzhou hangzhou ningbo nanjing wuhan "
    "chengdu chongqing tianjin qingdao dalian xiamen foshan wuxi xian zhuhai zhejiang jiangsu guangdong taiwan asia "
    "usa uk japan germany singapore".split()
)

#: Endings that say what a company is by law; the longest first.
LEGAL = tuple(
    sorted(
        "集团股份有限公司 集团有限责任公司 集团有限公司 股份有限责任公司 股份有限公司 有限责任公司 科技股份 有限公司 股份公司 "
        "集团公司 集团总公司 总公司 子公司 责任公司 控股集团 集团 公司 股份 有限合伙 普通合伙 特殊普通合伙 合伙企业 个人独资企业 "
        "独资企业 个体工商户 个体 有限 外商独资 国有独资 筹 企业".replace("科技股份 ", "").split(),
        key=len,
        reverse=True,
    )
)
LATIN_LEGAL = frozenset(
    "co ltd limited se inc incorporated corp corporation company llc llp gmbh ag plc sa sarl srl spa bv nv pte pty oy ab "
    "kk kg group holdings holding enterprise enterprises intl international the and of".split()
)
#: Endings of a company's parts; what stands before them back to the legal form is where the part is.
BRANCHES = tuple(
    "分公司 支公司 中心支公司 分店 分行 支行 办事处 代表处 联络处 分部 营业部 营业厅 经销处 项目部 事业部 分厂 分院 分校 "
    "分社 分所 门店 总部 直营店 旗舰店 专卖店 体验店".split()
)

#: What a trade has in common: two names with trades of different groups, and none in common, are different companies.
#: Words of the group "any" say nothing about the trade.
TRADE_GROUPS = {
    "tech": "科技 技术 新技术 高科技 高新技术 科创",
    "any": "实业 发展 国际 投资 控股 管理 企业管理 工业 产业 开发 服务 制造 生产 有限 创新 世纪 "
    "厂 商行 经营部 工作室 门市部 商店 加工厂 制造厂 中心 事务所 研究所 店 行 社 进出口 外贸 对外贸易 商贸 贸易 商务 经贸 工贸 "
    "供应链 供应链管理 销售 营销 经营 总 联合 股份 创业投资",
    "it": "信息 信息技术 信息科技 网络 网络技术 网络科技 软件 软件技术 数据 大数据 数据科技 数码 计算机 计算机系统 系统 互联网 "
    "云计算 人工智能 智能 智能科技 系统集成 通信 通讯 通信技术 通讯技术 通信设备 电信 网讯 云 在线 游戏 互动 数字 数字科技",
    "electronics": "电子 电子科技 电子技术 微电子 光电 光电科技 半导体 集成电路 芯片 电路 电路板 电器 电气 电力 电缆 线缆 "
    "照明 电池 电源 家电 显示 传感器 仪表 仪器 仪器仪表 自动化 控制 自动化设备 机器人 电机 光学 光伏",
    "machine": "机械 机电 设备 装备 重工 机床 模具 精密 精工 五金 金属 钢铁 铝业 铜业 钢构 轴承 阀门 泵业 工具 机械制造 "
    "机械设备 重型机械 精密机械 精密制造 钢材 不锈钢 金属制品 五金制品 铸造 工程机械 数控",
    "car": "汽车 汽配 汽车配件 汽车零部件 汽车销售 汽车服务 汽车工业 摩托车 车辆 客车 轮胎",
    "chemistry": "化工 化学 石化 塑胶 塑料 橡胶 涂料 新材料 材料 材料科技 高分子 石油化工 石油 化纤 玻璃 陶瓷 水泥",
    "building": "建筑 建设 工程 建工 装饰 装修 建材 置业 房地产 地产 物业 物业管理 园林 路桥 市政 建筑工程 装饰工程 "
    "建筑装饰 建设工程 建设集团 房地产开发 门窗 幕墙 家居 家具 木业",
    "food": "食品 餐饮 餐饮管理 饮料 酒业 酒店 酒店管理 农业 农业科技 农产品 粮油 乳业 茶业 水产 牧业 种业 渔业 调味品 超市 "
    "食品工业",
    "health": "医药 药业 制药 医疗 医疗器械 医疗科技 生物 生物科技 生物技术 生物医药 健康 健康管理 医院 大药房 基因 "
    "保健品 化妆品 美容",
    "finance": "银行 保险 财产保险 人寿 人寿保险 证券 基金 基金管理 期货 信托 租赁 融资租赁 担保 资产 资产管理 小额贷款 金融 "
    "投资管理 财务 会计师事务所",
    "media": "文化 传媒 广告 影视 文化传播 文化传媒 传播 出版 印刷 印务 包装 会展 娱乐 体育 旅游 旅行社 设计 动漫 品牌管理",
    "education": "教育 教育科技 培训 教育咨询 学校 咨询 管理咨询 企业管理咨询 信息咨询 人力资源 律师事务所 研究院 设计院",
    "textile": "服饰 服装 纺织 制衣 针织 鞋业 皮革 家纺 纺织品 箱包 印染 玩具 礼品 珠宝",
    "transport": "物流 运输 快递 速运 速递 航空 货运 国际货运 货运代理 国际物流 仓储 港口 海运 航运 铁路 物流科技",
    "energy": "能源 新能源 电网 燃气 热力 水务 环保 环境 环保科技 新能源科技 节能 煤业 煤炭 矿业 风电 环境科技 节能科技 "
    "新能源汽车 水利 太阳能",
}
TRADES = {word: group for group, words in TRADE_GROUPS.items() for word in words.split()}
LATIN_TRADES = frozenset(
    "technology technologies tech electronics electronic electric electrical trading trade industrial industry "
    "industries import export imp exp software information network networks digital machinery equipment engineering "
    "logistics pharmaceutical pharma medical food foods chemical chemicals auto automotive energy power systems system "
    "solutions services service consulting media education investment management development science materials "
    "manufacturing semiconductor communication communications".split()
)

#: What people write where a company's name is asked and there is none.
NO_COMPANY = frozenset(
    "无 没有 暂无 个人 个体 私人 散客 未知 不详 不知道 保密 自己 自由职业 待定 测试 test none null na no private personal "
    "unknown individual self 公司 某公司 有限公司 xx xxx xx公司 xxx公司 某某 某某公司 无公司 company".split()
)

#: Characters that sound alike, as a pinyin keyboard mistakes them (tones aside).
_SOUNDS = (
    "强墙蔷羌 华化铧骅桦花画 鑫新欣芯馨心信昕辛 源元圆园缘远员原苑媛渊沅 通同桐彤 达大答 盛胜晟圣升声生 恒衡横亨 宏弘鸿洪红虹泓 "
    "伟维威炜玮微唯卫为 腾藤滕 亿易益艺忆逸译义奕翼毅怡宜仪 佳嘉家加 诚成城承程丞晨辰 泰太钛 豪浩昊皓好 瑞锐睿 德得 康慷 "
    "龙隆珑 丰峰锋风枫沣凤 金锦今津进晋劲 明铭名茗鸣 杰捷洁劼 科柯可 联连莲廉 力立利丽励莉理荔 美镁 博波勃伯 创闯 东冬栋 飞菲斐 "
    "富福付复扶傅 光广 国果 和合禾河贺荷 惠慧汇辉会卉徽晖 吉极集佶 健建坚剑 江疆姜将 凯恺铠楷 良亮量梁 林霖琳临邻 鹏朋 奇琪齐祺棋其旗 "
    "启起企 荣容融蓉嵘 尚上商 世士仕时石施实 顺舜 思斯司丝 天添 旺望王 文雯闻 祥翔详翔 兴星行 旭绪徐 雅亚 阳洋扬杨央 一壹伊依衣医 "
    "永勇咏涌 优友佑有悠 宇雨裕玉誉钰余育域羽御 云芸运韵 泽则 展占 正振震政征 志智致知至 中众忠钟 子紫 海 安 百佰柏 邦帮 宝保葆 "
    "昌长常畅 驰池弛 川穿 春 丹 鼎顶 帆凡繁 方芳 港 高 冠观 贵桂 豪 赫 环寰 皇凰煌 佳 俊君骏 开 坤昆 来莱 蓝兰 乐勒 雷磊 灵凌菱 "
    "路陆 满曼 茂 梦 米 能 鸟 诺 欧鸥 派 平屏 普浦 前乾 巧 青清庆 泉全权 仁人 日 赛 三叁 森 山 深 神 胜 双 泰 途图 沃 西希 夏 先贤 "
    "晓小 雪 迅讯 炎 耀曜 业叶 银 英鹰 赢盈 迪帝蒂 墨默 陶淘 动东 跃悦越月 蒙 猛 度渡 团 拼 呗贝 滴 宁 滋 尔 敏 赐 码马玛 "
    "卓 拓 湾 万 卡 咖"
)
#: Character → number of the sound it is first listed under
SOUNDS = {char: number for number, group in reversed(list(enumerate(_SOUNDS.split()))) for char in group if len(group) > 1}

#: Traditional characters as they stand in the names of companies from Hong Kong and Taiwan.
TRADITIONAL = str.maketrans(
    "華強電農業東風國際學會員開發實經貿機械設備製藥醫療環際網絡軟體書報訊聯運輸車輛產務導興榮廣寶龍鳳飛騰達遠豐盛偉陽揚"
    "億億藝雲長萬無錫蘇灣門濱爾遼寧慶貴陝甘肅團級總術機線纜銅鐵鋁鋼銀錢鑽財證險劃設計劇場館樂資訊數碼傳媒廠莊園馬鴻鵬歐亞"
    "時齊魯紅藍綠黃營銷優勝創動勞衛製師範濟橋號質親賽顧問買賣貨幣寫單雙層為東與陳張劉楊趙吳孫鄭羅謝韓馮鄧許葉蘭蔣賈譚鄒",
    "华强电农业东风国际学会员开发实经贸机械设备制药医疗环际网络软体书报讯联运输车辆产务导兴荣广宝龙凤飞腾达远丰盛伟阳扬"
    "亿亿艺云长万无锡苏湾门滨尔辽宁庆贵陕甘肃团级总术机线缆铜铁铝钢银钱钻财证险划设计剧场馆乐资讯数码传媒厂庄园马鸿鹏欧亚"
    "时齐鲁红蓝绿黄营销优胜创动劳卫制师范济桥号质亲赛顾问买卖货币写单双层为东与陈张刘杨赵吴孙郑罗谢韩冯邓许叶兰蒋贾谭邹",
)
