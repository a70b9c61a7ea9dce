/* Counts visits of this site's pages for its CRM. Does nothing before crmVisitor.allow() (or data-consent="granted"). */
(function (w, d) {
    "use strict";
    var script = d.currentScript;
    var url = script.src.replace(/\.js([?#].*)?$/, "");
    var name = "crm_visitor";
    var id = null;
    var view = null;
    var seconds = 0;
    var since = 0;

    function stored(value) {
        try {
            if (value === undefined) return w.localStorage.getItem(name);
            if (value) w.localStorage.setItem(name, value);
            else w.localStorage.removeItem(name);
        } catch (error) {
            return null; // storage is switched off: the visit counts for this page only
        }
    }

    function random(bytes) {
        return Array.from(w.crypto.getRandomValues(new Uint8Array(bytes)), function (byte) {
            return ("0" + byte.toString(16)).slice(-2);
        }).join("");
    }

    function send(message) {
        message.v = id;
        var body = JSON.stringify(message);
        w.fetch(url, {method: "POST", body: body, keepalive: true, credentials: "omit", mode: "no-cors"}).catch(function () {});
    }

    function tell() {
        send({p: view, u: d.location.href, r: d.referrer, t: d.title, s: Math.round(seconds)});
    }

    function watch() {
        if (!id) return;
        if (d.visibilityState === "visible") {
            since = Date.now();
        } else if (since) {
            seconds += (Date.now() - since) / 1000;
            since = 0;
            tell();
        }
    }

    function fill(event) {
        var form = event.target;
        if (!id || !form.hasAttribute("data-crm-visitor")) return;
        var input = form.querySelector("input[name=" + name + "]");
        if (!input) {
            input = d.createElement("input");
            input.type = "hidden";
            input.name = name;
            form.appendChild(input);
        }
        input.value = id;
    }

    function allow() {
        if (id) return;
        var known = stored();
        id = /^[0-9a-f]{32}$/.test(known || "") ? known : random(16);
        stored(id);
        view = random(8);
        seconds = 0;
        since = d.visibilityState === "visible" ? Date.now() : 0;
        tell();
    }

    function deny() {
        id = id || stored();
        if (id) send({erase: true});
        stored(null);
        id = null;
    }

    d.addEventListener("visibilitychange", watch);
    d.addEventListener("submit", fill, true);
    w.crmVisitor = {allow: allow, deny: deny, id: function () { return id; }};
    if (stored() || script.getAttribute("data-consent") === "granted") allow();
    d.dispatchEvent(new w.Event("crm-visitor"));
})(window, document);
