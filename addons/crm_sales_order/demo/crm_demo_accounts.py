# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

# Odoo's Chinese chart speaks English: the names of the accounting standard (小企业会计准则), by account code
ACCOUNTS = """
100101 库存现金|100201 银行暂记|100202 银行存款 招商银行|101200 其他货币资金|101201 内部转账|101202 电汇在途
110100 交易性金融资产|112100 应收票据|112200 应收账款|112300 预付账款|112400 应收账款（门店）|113100 应收股利
113200 应收利息|122100 其他应收款|123100 坏账准备|140100 材料采购|140200 在途物资|140300 原材料|140400 材料成本差异
140500 库存商品|140600 发出商品|140700 商品进销差价|140800 委托加工物资|147100 存货跌价准备|150100 持有至到期投资
150200 持有至到期投资减值准备|150300 可供出售金融资产|151100 长期股权投资|151200 长期股权投资减值准备|152100 投资性房地产
153100 长期应收款|160100 固定资产|160200 累计折旧|160300 固定资产减值准备|160400 在建工程|160500 工程物资|160600 固定资产清理
170100 无形资产|170200 累计摊销|170300 无形资产减值准备|171100 商誉|180100 长期待摊费用|200100 短期借款|220100 应付票据
220200 应付账款|220300 预收账款|221100 应付职工薪酬|222100 应交税费|223100 应付利息|224100 应付股利|250100 其他应付款
250200 应付债券|270100 长期应付款|271100 专项应付款|280100 预计负债|290100 递延所得税负债|400100 实收资本|400200 资本公积
400300 其他综合收益|410100 盈余公积|410300 本年利润|410400 利润分配|500100 生产成本|510100 制造费用|520100 劳务成本
530100 研发支出|600100 主营业务收入|605100 其他业务收入|610100 公允价值变动损益|611100 投资收益|630100 营业外收入
640100 主营业务成本|640200 其他业务成本|640300 税金及附加|660100 销售费用|660200 管理费用|660300 财务费用|670100 资产减值损失
671100 营业外支出|680100 所得税费用|690100 以前年度损益调整|999001 现金短款|999002 现金长款|999999 未分配利润
"""
# Accounts Odoo makes several of, and journals, by their English name or code
TRANSIT = {"Outstanding Receipts": "未清收款", "Outstanding Payments": "未清付款"}
JOURNALS = {"EXCH": "汇兑损益", "CABA": "收付实现制税金", "STJ": "存货计价", "WIRE": "电汇"}


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _name_accounts(self, company):
        """Give accounts and journals of the Chinese chart their Chinese names; other charts keep theirs."""
        if company.chart_template_id != self.env.ref("l10n_cn.l10n_chart_china_small_business"):
            return
        names = dict(entry.strip().split(" ", 1) for line in ACCOUNTS.split("\n") for entry in line.split("|") if entry)
        accounts = self.env["account.account"].search([("company_id", "=", company.id)])
        for account in accounts:
            name = names.get(account.code) or TRANSIT.get(account.name)
            if name:
                account.name = name
        for journal in self.env["account.journal"].search([("company_id", "=", company.id), ("code", "in", list(JOURNALS))]):
            journal.name = JOURNALS[journal.code]
