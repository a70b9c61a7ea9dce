# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import api, models

HEADER = ["公司名称", "姓名", "手机", "邮箱", "职务", "省份", "城市", "意向", "展位备注"]
#: What visitors left at the stand; the last three cannot be reached as they are
VISITORS = [
    ["惠州市德辉电子有限公司", "梁国栋", "13719925031", "liang@dehui.example", "经理", "广东", "惠州市", "22kW 空压机两台", "周三前报价"],
    ["中山市隆成灯饰有限公司", "欧阳慧", "13380201162", "", "采购主管", "广东", "中山市", "流水线除尘", ""],
    ["江门市恒益五金制品厂", "赵志强", "13822360917", "zhao@hengyi.example", "厂长", "广东", "江门市", "立式加工中心", "已有两台旧机"],
    ["南宁市桂冠糖业有限公司", "韦丽萍", "13607712480", "wei@guiguan.example", "工程部", "广西", "南宁市", "余热回收", ""],
    ["厦门市海晟卫浴有限公司", "林志远", "18150803377", "", "副总经理", "福建", "厦门市", "注塑机械手", "希望来厂里看看"],
    ["长沙市湘拓机械有限公司", "彭飞", "1390731520", "", "", "湖南", "长沙市", "冷水机", "名片手写，号码少一位"],
    ["赣州市客家食品有限公司", "", "", "info@kejia", "", "江西", "赣州市", "", ""],
    ["", "", "", "", "", "", "", "只留了意向：螺杆机", ""],
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_file(self):
        """Marketing brought home the list of the fair's visitors: five became leads, three rows came back."""
        rows = "\n".join(",".join(row) for row in [HEADER, *VISITORS])
        channel = self._ref("demo_channel_fair_list")
        files = self._quiet().env["crm.intake.file"].with_user(self._ref("demo_user_marketing"))
        file = files.create({
            "name": "华南工业装备展_访客登记.csv",
            "channel_id": channel.id,
            "content": base64.b64encode(rows.encode("gb18030")),
        })  # fmt: skip
        file.action_import()
        file.sudo().touchpoint_ids._process()
