# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo.addons.web_pwa_oca.controllers.main import PWA
from odoo.addons.web_pwa_oca.controllers.service_worker import ServiceWorker
from odoo.http import request

APP_NAME = "一体云 CRM"
APP_SHORT_NAME = "一体云"
THEME_COLOR = "#1b2838"
BACKGROUND_COLOR = "#f4f6f8"
IMAGES = "/crm_core/static/src/img"
OFFLINE_PAGE = "/crm_core/static/src/offline.html"
OFFLINE_CACHE = "crm-core-offline-1"


class CrmPWA(PWA):
    def _get_pwa_manifest_icons(self, pwa_icon):
        """The suite's icons, unless the administrator has uploaded an own one."""
        if pwa_icon:
            return super()._get_pwa_manifest_icons(pwa_icon)
        return [
            {"src": IMAGES + "/app-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": IMAGES + "/app-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": IMAGES + "/app-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ]

    def _get_pwa_manifest(self):
        """web_pwa_oca's manifest with the suite's defaults; what is set under Settings wins."""
        get_param = request.env["ir.config_parameter"].sudo().get_param
        return dict(
            super()._get_pwa_manifest(),
            id="/web",
            scope="/",
            name=get_param("pwa.manifest.name") or APP_NAME,
            short_name=get_param("pwa.manifest.short_name") or APP_SHORT_NAME,
            background_color=get_param("pwa.manifest.background_color") or BACKGROUND_COLOR,
            theme_color=get_param("pwa.manifest.theme_color") or THEME_COLOR,
        )


class CrmServiceWorker(ServiceWorker):
    """Opening the app without a connection shows an own page with a retry, not the browser's error."""

    def _get_js_pwa_core_event_install_impl(self):
        return super()._get_js_pwa_core_event_install_impl() + """
            evt.waitUntil(caches.open({cache}).then(cache => cache.add({page})));
        """.format(cache=json.dumps(OFFLINE_CACHE), page=json.dumps(OFFLINE_PAGE))

    def _get_js_pwa_core_event_fetch_impl(self):
        return super()._get_js_pwa_core_event_fetch_impl() + """
            if (evt.request.mode === "navigate") {{
                evt.respondWith(fetch(evt.request).catch(() => caches.match({page})));
            }}
        """.format(page=json.dumps(OFFLINE_PAGE))
