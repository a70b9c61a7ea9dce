# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The dealer's desk at the portal. Every page finds the dealer by the user who is logged in, and reads for that dealer only:
portal users have no access to the models behind it."""

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.http import content_disposition, request
from psycopg2 import IntegrityError
from werkzeug.exceptions import NotFound

from ..exceptions import DealerError
from .portal import read_id

PAGE = 20
ROUTE = {"type": "http", "auth": "user", "website": True}


def route(path, **kwargs):
    return http.route(path, **{**ROUTE, **kwargs})


class DealerPortal(CustomerPortal):
    def _get_dealer(self):
        """The dealer the user works for, in sudo mode and in the company it orders from.

        :raise NotFound: for everybody else
        """
        dealer = request.env.user._get_dealer()
        if not dealer:
            raise NotFound()
        return dealer.with_company(dealer._get_dealer_company())

    def _render(self, template, dealer, desk_page, **values):
        tasks = request.env["crm.dealer.task.line"].sudo()
        cart = request.env["crm.dealer.cart.line"].sudo()
        values.update(
            self._prepare_portal_layout_values(),
            dealer=dealer,
            page_name="dealer",
            dealer_page=desk_page,
            cart_count=cart.search_count([("user_id", "=", request.env.uid)]),
            task_count=tasks.search_count([*self._get_task_domain(dealer), ("state", "in", ("open", "returned"))]),
        )
        return request.render("crm_sales_order.%s" % template, values)

    @staticmethod
    def _get_task_domain(dealer):
        return [("dealer_id", "=", dealer.id), ("task_id.state", "=", "issued")]

    @staticmethod
    def _get_files(name):
        """[(name, bytes)] of the files sent with a form; read from the beginning, as Odoo may try a request twice."""
        files = []
        for file in request.httprequest.files.getlist(name):
            file.stream.seek(0)
            content = file.stream.read()
            if content or file.filename:
                files.append((file.filename or "file", content))
        return files

    def _try(self, step):
        """Take a step as a whole or not at all.

        :return: what is wrong, "" if nothing is
        """
        try:
            with request.env.cr.savepoint():
                step()
                request.env["base"].flush()
        except DealerError as error:
            return error.args[0]
        except IntegrityError:
            return request.env["crm.dealer.report"]._get_collision_text()
        return ""

    # -- home ----------------------------------------------------------------------------------------------------------

    @route("/my/dealer")
    def dealer_home(self, **kw):
        dealer = self._get_dealer()
        lines = request.env["crm.dealer.task.line"].sudo()
        return self._render(
            "dealer_home",
            dealer,
            "home",
            figures=dealer._get_dealer_figures(),
            tasks=lines.search([*self._get_task_domain(dealer), ("state", "in", ("open", "returned"))], limit=3),
            running_out=request.env["crm.dealer.flag"]
            .sudo()
            .search([("dealer_id", "=", dealer.id), ("state", "=", "open"), ("kind", "=", "empty")], limit=5),
        )

    # -- tasks ---------------------------------------------------------------------------------------------------------

    @route("/my/dealer/tasks")
    def dealer_tasks(self, **kw):
        dealer = self._get_dealer()
        lines = request.env["crm.dealer.task.line"].sudo()
        found = lines.search(self._get_task_domain(dealer), limit=100)
        order = {"returned": 0, "open": 1, "submitted": 2, "accepted": 3}
        return self._render("dealer_tasks", dealer, "tasks", lines=found.sorted(lambda line: (order[line.state], line.date_due)))

    def _get_line(self, dealer, line_id):
        line = request.env["crm.dealer.task.line"].sudo().search([("id", "=", line_id), ("dealer_id", "=", dealer.id)])
        if not line:
            raise NotFound()
        return line

    @route("/my/dealer/tasks/<int:line_id>", methods=["GET", "POST"])
    def dealer_task(self, line_id, note="", **kw):
        dealer = self._get_dealer()
        line = self._get_line(dealer, line_id)
        problem = ""
        if request.httprequest.method == "POST":
            files = self._get_files("proof")
            problem = self._try(lambda: line._hand_in(request.env.user, note, files))
            if not problem:
                return request.redirect("/my/dealer/tasks/%d" % line_id)
        return self._render("dealer_task", dealer, "tasks", line=line, problem=problem, note=note)

    @route("/my/dealer/tasks/<int:line_id>/proof/<int:file_id>")
    def dealer_proof(self, line_id, file_id, **kw):
        line = self._get_line(self._get_dealer(), line_id)
        file = line.proof_ids.filtered(lambda one: one.id == file_id)
        if not file:
            raise NotFound()
        headers = [
            ("Content-Type", file.mimetype),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Disposition", content_disposition(file.name)),
        ]
        return request.make_response(file.raw, headers)

    # -- catalogue, cart, orders ---------------------------------------------------------------------------------------

    @route(["/my/dealer/catalogue", "/my/dealer/catalogue/page/<int:page>"])
    def dealer_catalogue(self, page=1, search="", problem="", **kw):
        dealer = self._get_dealer()
        search = search.replace("\0", "")  # the database knows no such character
        domain = dealer._get_dealer_search(search)
        total = request.env["product.product"].sudo().search_count(domain)
        pages = pager("/my/dealer/catalogue", total, page, PAGE, url_args={"search": search} if search else None)
        products = request.env["product.product"].sudo().search(domain, limit=PAGE, offset=pages["offset"])
        return self._render(
            "dealer_catalogue",
            dealer,
            "catalogue",
            products=products,
            offer=request.env["sale.order"]._preview_for_dealer(request.env.user, [(product, 1.0) for product in products]),
            stock=dealer._get_dealer_stock_words(products),
            pager=pages,
            search=search,
            problem=problem,
        )

    @route("/my/dealer/cart", methods=["GET", "POST"])
    def dealer_cart(self, product_id="", quantity="", add="", back="", **kw):
        dealer = self._get_dealer()
        problem = ""
        if request.httprequest.method == "POST":
            cart = request.env["crm.dealer.cart.line"]
            product = request.env["product.product"].sudo().browse(read_id(product_id))
            problem = self._try(lambda: cart._put(request.env.user, product, quantity, add=bool(add)))
            if not problem:
                return request.redirect(back if back.startswith("/my/dealer") else "/my/dealer/cart")
        return self._render_cart(dealer, problem)

    def _render_cart(self, dealer, problem="", note="", key=""):
        lines = request.env["crm.dealer.cart.line"]._get_cart(request.env.user)
        wanted = [(line.product_id, line.quantity) for line in lines]
        offer = request.env["sale.order"]._preview_for_dealer(request.env.user, wanted)
        return self._render(
            "dealer_cart",
            dealer,
            "cart",
            lines=lines,
            offer=offer,
            stock=dealer._get_dealer_stock_words(lines.product_id),
            key=key or request.env["crm.dealer.submission"]._new_key(),
            problem=problem,
            note=note,
        )

    @route("/my/dealer/order", methods=["POST"])
    def dealer_order(self, key="", note="", **kw):
        dealer = self._get_dealer()
        if not 16 <= len(key) <= 100:
            raise NotFound()
        placed = []
        problem = self._try(lambda: placed.append(request.env["sale.order"]._place_for_dealer(request.env.user, key, note)))
        if problem:
            return self._render_cart(dealer, problem, note, key)
        return request.redirect("/my/dealer/orders?placed=%d" % placed[0].id)

    @route(["/my/dealer/orders", "/my/dealer/orders/page/<int:page>"])
    def dealer_orders(self, page=1, placed="", **kw):
        dealer = self._get_dealer()
        orders = request.env["sale.order"].sudo()
        domain = orders._get_dealer_order_domain(dealer)
        pages = pager("/my/dealer/orders", orders.search_count(domain), page, PAGE)
        found = orders.search(domain, limit=PAGE, offset=pages["offset"], order="date_order desc, id desc")
        fresh = found.filtered(lambda order: str(order.id) == placed)
        return self._render("dealer_orders", dealer, "orders", orders=found, pager=pages, placed=fresh)
