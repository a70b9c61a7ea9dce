# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""WeCom, DingTalk and Feishu as their documents describe them: signature, rate limit, codes. Written without the
suite's code, to be the answer of an HttpPeer."""
import base64
import hashlib
import hmac
import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

DING_SECRET, FEISHU_SECRET = "SEC-ding", "feishu-secret"
WECOM = "/cgi-bin/webhook/send?key=wecom-key"
DING = "/robot/send?access_token=ding-token"
FEISHU = "/open-apis/bot/v2/hook/feishu-id"


class RobotPeer:
    """``taken[vendor]`` lists the texts it showed to the group, in order; ``too_fast`` counts broken rate limits.

    :param speed: how many of the vendor's seconds pass in one real second (WeCom and DingTalk)
    :param trouble: callable() → None, or what goes wrong with a request: "busy" (503), "code" (the vendor's own code),
        "before" (hangs up, nothing shown) or "after" (shows it, then hangs up)
    """

    def __init__(self, speed=1.0, trouble=lambda: None):
        self.speed, self.trouble = speed, trouble
        self.taken = {"wecom": [], "dingtalk": [], "feishu": []}
        self.bodies = {"wecom": [], "dingtalk": [], "feishu": []}
        self.too_fast = 0
        self._requests = {"wecom": [], "dingtalk": [], "feishu": []}
        self._shut_until = 0.0
        self._lock = threading.Lock()

    def answer(self, path, body):
        parts = urlsplit(path)
        vendor = {"/cgi-bin/webhook/send": "wecom", "/robot/send": "dingtalk"}.get(parts.path, "feishu")
        problem = self.trouble()
        if problem == "before":
            return None, {}, {}
        if problem == "busy":
            return 503, {"Retry-After": "1"}, {}
        with self._lock:
            content = json.loads(body)
            answer = getattr(self, "_" + vendor)(content, parse_qs(parts.query), parts.path, problem)
            if next(iter(answer.values())) == 0:
                self.bodies[vendor].append(content)
        return (None, {}, {}) if problem == "after" else (200, {}, answer)

    def _over(self, vendor, limits, speed):
        now = time.monotonic() * speed
        times = self._requests[vendor]
        times.append(now)
        over = any(sum(1 for one in times if one > now - seconds) > number for number, seconds in limits)
        self.too_fast += over
        return over

    def _wecom(self, content, query, path, problem):
        if query.get("key") != ["wecom-key"]:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if problem == "code":
            return {"errcode": -1, "errmsg": "system busy"}
        if self._over("wecom", [(20, 60)], self.speed):
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        if content["msgtype"] != "text" or len(content["text"]["content"].encode()) > 2048:
            return {"errcode": 40058, "errmsg": "content exceed max length"}
        self.taken["wecom"].append(content["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk(self, content, query, path, problem):
        milliseconds = query.get("timestamp", ["0"])[0]
        expected = base64.b64encode(
            hmac.new(DING_SECRET.encode(), (milliseconds + "\n" + DING_SECRET).encode(), hashlib.sha256).digest()
        ).decode()
        if query.get("access_token") != ["ding-token"] or query.get("sign") != [expected]:
            return {"errcode": 310000, "errmsg": "sign not match"}
        if abs(int(milliseconds) / 1000 - time.time()) > 3600:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if problem == "code":
            return {"errcode": -1, "errmsg": "system busy"}
        now = time.monotonic() * self.speed
        if now < self._shut_until or self._over("dingtalk", [(20, 60)], self.speed):
            self._shut_until = max(self._shut_until, now + 600)
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self.taken["dingtalk"].append(content["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, content, query, path, problem):
        key = "%s\n%s" % (content.get("timestamp"), FEISHU_SECRET)
        expected = base64.b64encode(hmac.new(key.encode(), digestmod=hashlib.sha256).digest()).decode()
        late = abs(int(content.get("timestamp") or 0) - time.time()) > 3600
        if not path.endswith("/feishu-id") or late or content.get("sign") != expected:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if problem == "code" or self._over("feishu", [(100, 60), (5, 1)], 1.0):
            return {"code": 9499, "msg": "too many request"}
        self.taken["feishu"].append(content["content"]["text"])
        return {"code": 0, "msg": "success", "data": {}}
