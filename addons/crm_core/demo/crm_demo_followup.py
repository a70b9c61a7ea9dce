# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
import math
import wave
from datetime import timedelta

from odoo import api, models
from PIL import Image, ImageDraw

from ..engine.followup import Position, distance

#: Where the cities are whose customers were visited (WGS 84)
CITIES = {
    "深圳市": (22.543, 114.058),
    "东莞市": (23.021, 113.752),
    "广州市": (23.129, 113.264),
    "佛山市": (23.022, 113.122),
    "惠州市": (23.112, 114.416),
    "上海市": (31.230, 121.474),
    "苏州市": (31.299, 120.585),
    "杭州市": (30.274, 120.155),
    "北京市": (39.904, 116.407),
    "天津市": (39.084, 117.201),
    "成都市": (30.573, 104.067),
    "重庆市": (29.563, 106.551),
}
#: Kind, minutes, what was said, outcome
STORIES = [
    ("visit", 55, "看了空压站，两台 37kW 常年满载，漏气明显；设备部李工认可变频改造，要一份三年电费对比。", "wants_quote"),
    ("call", 8, "采购说预算下月初批，先要样册和同行业案例。", "interested"),
    ("wechat", 0, "发了能效检测报告，厂长回复本周内部讨论。", "undecided"),
    ("visit", 40, "与生产厂长确认安装位置和电源容量，地面要做基础，周期两周。", "interested"),
    ("call", 3, "前台说负责人出差，下周二回来。", "not_reached"),
    ("meeting", 90, "三方技术交流会，对方工艺、设备、财务都到场，质保条款还要谈。", "interested"),
    ("visit", 30, "送样机耗材，顺带看了新车间，明年一季度扩产。", "agreed"),
    ("call", 12, "价格比另一家高 5%，强调售后两小时到场，对方愿意再谈一轮。", "undecided"),
    ("wechat", 0, "确认了付款方式 3-6-1，合同走法务。", "agreed"),
    ("email", 0, "技术方案和报价已发邮箱。", "wants_quote"),
]
TALK = "客户：预算要下月初才批，你先把样册和同行业的案例发我。\n销售：好的，今天下班前发您，下周我再跟您约个时间上门看看现场。"


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_followups(self):
        """Two months on the road: visits with check-in, calls with and without recording, and some that nothing proves."""
        dice = self._random("跟进")
        customers = self._quiet().env["res.partner"].search([("is_customer", "=", True), ("user_id", "!=", False)], order="id")
        located = customers.filtered(lambda one: one == one.commercial_partner_id and one.city in CITIES)[::2]
        for customer in located:
            latitude, longitude = (degrees + dice.uniform(-0.04, 0.04) for degrees in CITIES[customer.city])
            customer.write({"partner_latitude": round(latitude, 5), "partner_longitude": round(longitude, 5)})
        rows = [row for number, customer in enumerate(located) for row in self._prepare_followups(dice, number, customer)]
        followups = self._quiet().env["crm.followup"].create(sorted(rows, key=lambda row: row["date"]))
        self._record_calls(followups.filtered(lambda one: one.kind == "call"))
        self._picture_chats(dice, followups.filtered(lambda one: one.kind in ("wechat", "meeting", "email")))

    @api.model
    def _prepare_followups(self, dice, number, customer):
        """One to three, the latest with a promise."""
        rows = []
        for step in range(dice.choice([1, 2, 2, 3])):
            kind, minutes, text, outcome = STORIES[(number * 3 + step) % len(STORIES)]
            day = self._workday(self._today() - timedelta(days=3 + step * 11 + dice.randrange(10)))
            rows.append({
                "partner_id": customer.id,
                "contact_id": customer.child_ids[:1].id,
                "user_id": customer.user_id.id,
                "team_id": customer.team_id.id,
                "kind": kind,
                "date": self._at(day, 9 + dice.random() * 8),
                "duration": minutes,
                "summary": text,
                "outcome_id": self.env.ref("crm_core.followup_outcome_%s" % outcome).id,
                "next_action_date": day + timedelta(days=3),
            })  # fmt: skip
            if kind == "visit" and dice.random() < 0.8:
                rows[-1].update(self._check_in(dice, customer, rows[-1]["date"], minutes))
        rows[0]["next_action_date"] = self._today() + timedelta(days=dice.randrange(-2, 12))
        rows[0]["next_action_date"] = max(rows[0]["next_action_date"], rows[0]["date"].date())
        rows[0]["next_action_note"] = dice.choice(["确认报价意见", "约设备部一起看现场", "送样机试用", "跟进合同盖章"])
        return rows

    @api.model
    def _check_in(self, dice, customer, date, minutes):
        """At the door, or for one in six at another place."""
        off = 0.09 if dice.random() < 1 / 6 else 0.001
        here = Position(customer.partner_latitude + dice.uniform(-off, off), customer.partner_longitude, dice.uniform(8, 35))
        there = Position(customer.partner_latitude, customer.partner_longitude)
        return {
            "check_in_date": date,
            "check_in_latitude": here.latitude,
            "check_in_longitude": here.longitude,
            "check_in_accuracy": here.accuracy,
            "distance_m": round(distance(here, there)),
            "distance_known": True,
            "check_out_date": date + timedelta(minutes=minutes),
        }

    @api.model
    def _record_calls(self, calls):
        """Recordings of three out of four, one of them written down by a service that is switched off now."""
        provider = self.env["crm.transcription.provider"].create(
            {"name": "本地 Whisper（示例）", "url": "http://127.0.0.1:9000/v1/audio/transcriptions"}
        )
        for number, call in enumerate(calls):
            if number % 4 == 3:
                continue
            sound = self.env["ir.attachment"].create(
                {"name": "通话录音.wav", "raw": _tone(300 + 20 * number), "res_model": "crm.followup", "res_id": 0}
            )
            call.recording_ids = sound
            if number == 0:
                said = {"provider_id": provider.id, "state": "done", "attempts": 1, "text": TALK, "date_done": call.date}
                self.env["crm.transcription.request"].create({"followup_id": call.id, "attachment_id": sound.id, **said})

    @api.model
    def _picture_chats(self, dice, chats):
        """Screenshots of three out of four chats."""
        for number, chat in enumerate(chats):
            if number % 4 != 3:
                vals = {"name": "聊天截图.png", "raw": _chat(dice), "res_model": "crm.followup", "res_id": 0}
                chat.photo_ids = self.env["ir.attachment"].create(vals)


def _chat(dice):
    """A picture of bubbles, left and right, as a PNG file."""
    image = Image.new("RGB", (270, 480), "#ededed")
    draw, top = ImageDraw.Draw(image), 30
    while top < 440:
        width, height, mine = dice.randrange(90, 190), dice.choice([28, 28, 46]), dice.random() < 0.5
        left = 255 - width if mine else 15
        draw.rounded_rectangle((left, top, left + width, top + height), 6, fill="#95ec69" if mine else "white")
        top += height + 16
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _tone(pitch):
    """One quiet second of a pitch, as a WAV file."""
    rate = 8000
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(128 + round(12 * math.sin(2 * math.pi * pitch * step / rate)) for step in range(rate)))
    return content.getvalue()
