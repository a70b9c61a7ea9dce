/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.followup", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const {FieldText} = require("web.basic_fields");
    const {csrf_token: csrfToken, qweb, _t} = require("web.core");
    const {FieldMany2ManyBinaryMultiFiles} = require("web.relational_fields");
    const FormController = require("web.FormController");
    const FormView = require("web.FormView");
    const registry = require("web.field_registry");
    const {sprintf} = require("web.utils");
    const viewRegistry = require("web.view_registry");

    const POSITION_MS = 15000;
    const PHOTO_PIXELS = 1600;

    /** `widget="crm_check_in"` on check_in_date: asks the phone where it is; the server notes when, and how far that is. */
    const CheckIn = AbstractField.extend({
        className: "crm_check_in_field",
        supportedFieldTypes: ["datetime"],
        events: {"click button[data-method]": "_onCheck"},

        init: function () {
            this._super.apply(this, arguments);
            this.busy = false;
            this.problem = "";
        },

        isSet: function () {
            return true;
        },

        isIn: function () {
            return Boolean(this.recordData.check_in_date);
        },

        isOut: function () {
            return Boolean(this.recordData.check_out_date);
        },

        isDone: function () {
            return this.recordData.state === "done";
        },

        getTime: function (name) {
            return this.recordData[name].clone().add(this.getSession().getTZOffset(this.recordData[name]), "minutes").format("HH:mm");
        },

        getDistance: function () {
            if (!this.recordData.distance_known) {
                return _t("The customer's position is not known yet.");
            }
            const metres = this.recordData.distance_m;
            return metres < 1000
                ? sprintf(_t("%s m from the customer"), metres)
                : sprintf(_t("%s km from the customer"), (metres / 1000).toFixed(1));
        },

        _render: function () {
            this.$el.html(qweb.render("crm_core.CheckIn", {widget: this}));
        },

        _onCheck: async function (ev) {
            const method = ev.currentTarget.dataset.method;
            Object.assign(this, {busy: true, problem: ""});
            this._render();
            try {
                const {latitude, longitude, accuracy} = (await this._locate()).coords;
                const args = [latitude, longitude, accuracy];
                await new Promise((resolve, reject) => this.trigger_up("crm_check", {method, args, resolve, reject}));
            } catch (error) {
                this.problem = this._explain(error);
            }
            if (!this.isDestroyed()) {
                this.busy = false;
                this._render();
            }
        },

        _locate: function () {
            return new Promise((resolve, reject) => {
                if (!navigator.geolocation) {
                    reject({code: 2});
                    return;
                }
                const options = {enableHighAccuracy: true, timeout: POSITION_MS, maximumAge: 0};
                navigator.geolocation.getCurrentPosition(resolve, reject, options);
            });
        },

        /**
         * @param {Object|undefined} error of the phone; the server's are shown in a dialog already
         * @returns {String}
         */
        _explain: function (error) {
            return {
                1: _t("The phone may not tell this page where it is. Allow the location in the browser's settings and check in again, or go on without: the visit then counts as unverified."),
                2: _t("The phone does not know where it is. Switch its location on and check in again, or go on without: the visit then counts as unverified."),
                3: _t("The phone takes too long to find out where it is. Step outside and check in again, or go on without: the visit then counts as unverified."),
            }[error && error.code] || "";
        },
    });

    /** Photos and recordings: uploaded at once, refused here already if too large. What was typed is never touched. */
    const Files = FieldMany2ManyBinaryMultiFiles.extend({
        template: "crm_core.FollowupFiles",
        template_files: "crm_core.FollowupFiles.files",

        willStart: async function () {
            await this._super.apply(this, arguments);
            if (this.mode === "edit") {
                this.limits = await this._rpc({model: this.model, method: "get_file_limits", args: []});
            }
        },

        _render: function () {
            this.$(".oe_placeholder_files, .o_attachments").replaceWith(
                qweb.render(this.template_files, {widget: this})
            );
        },

        _explain: function (text) {
            this.$(".crm_files_problem").text(text);
        },

        /** @override */
        _onFileChanged: async function (ev) {
            ev.stopPropagation();
            const files = [...ev.target.files];
            ev.target.value = "";
            this._explain("");
            const ids = [];
            for (const file of files) {
                this.uploadingFiles = [file];
                this._render();
                const answer = await this._upload(file);
                this.uploadingFiles = [];
                if (this.isDestroyed()) {
                    return;
                }
                if (answer.error) {
                    this._explain(answer.error);
                } else {
                    this.uploadedFiles[answer.id] = true;
                    ids.push(answer.id);
                }
            }
            if (ids.length) {
                this._setValue({operation: "REPLACE_WITH", ids: this.value.res_ids.concat(ids)});
            } else {
                this._render();
            }
        },

        /**
         * @param {File} file
         * @returns {Promise<Object>} {id} or {error}
         */
        _upload: async function (original) {
            const file = await this._prepare(original);
            if (file.size > this.limits[this.name]) {
                return {error: sprintf(
                    _t("“%s” has %s MB, and at most %s MB are taken. What you typed is still there: save without it, or choose a smaller file."),
                    original.name, Math.ceil(file.size / 1048576), Math.floor(this.limits[this.name] / 1048576)
                )};
            }
            const form = new FormData();
            form.append("csrf_token", csrfToken);
            form.append("field", this.name);
            form.append("ufile", file, original.name);
            try {
                const response = await fetch("/crm/followup/upload", {method: "POST", body: form, credentials: "same-origin"});
                if (response.ok) {
                    return await response.json();
                }
            } catch (error) {
                // No network: said below
            }
            return {error: sprintf(_t("“%s” did not get through. Check the connection and choose it again."), original.name)};
        },

        _prepare: function (file) {
            return file;
        },
    });

    const Photos = Files.extend({
        icon: "fa-camera",
        accept: "image/*",

        /** A phone's photo in the size of a screen: a tenth of the data over a mobile network. */
        _prepare: async function (file) {
            try {
                const image = await createImageBitmap(file);
                const scale = Math.min(1, PHOTO_PIXELS / Math.max(image.width, image.height));
                const canvas = document.createElement("canvas");
                canvas.width = Math.round(image.width * scale);
                canvas.height = Math.round(image.height * scale);
                canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
                const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
                return blob && blob.size < file.size ? blob : file;
            } catch (error) {
                return file; // A format this browser does not draw: the server looks at it
            }
        },
    });

    const Recordings = Files.extend({icon: "fa-microphone", accept: "audio/*"});

    /** `widget="crm_dictation"`: a text that can be dictated, where the phone offers it. */
    const Dictation = FieldText.extend({
        start: async function () {
            await this._super.apply(this, arguments);
            const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
            if (this.mode === "edit" && Recognition) {
                this._addMicrophone(Recognition);
            }
        },

        destroy: function () {
            if (this.recognition) {
                this.recognition.abort();
            }
            this._super.apply(this, arguments);
        },

        _addMicrophone: function (Recognition) {
            const button = $("<button/>", {
                type: "button",
                class: "btn btn-light crm_dictate fa fa-microphone",
                title: _t("Dictate"),
                "aria-label": _t("Dictate"),
                "aria-pressed": "false",
            });
            const recognition = new Recognition();
            recognition.lang = this.getSession().user_context.lang.replace("_", "-");
            recognition.continuous = true;
            recognition.onresult = (ev) => this._onHeard(ev);
            recognition.onstart = () => button.attr("aria-pressed", "true");
            recognition.onend = () => button.attr("aria-pressed", "false");
            recognition.onerror = (ev) => this._onNotHeard(ev.error);
            button.on("click", () => (button.attr("aria-pressed") === "true" ? recognition.stop() : recognition.start()));
            this.recognition = recognition;
            this.$el = this.$el.add(button);
        },

        _onHeard: function (ev) {
            const heard = [...ev.results].slice(ev.resultIndex).filter((result) => result.isFinal);
            const text = heard.map((result) => result[0].transcript).join("");
            this.$input.val(this.$input.val() + text).trigger("input").trigger("change");
        },

        _onNotHeard: function (error) {
            if (error === "not-allowed" || error === "service-not-allowed") {
                this.do_warn(_t("Dictation"), _t("The phone may not listen. Allow the microphone in the browser's settings, or type."));
            }
        },
    });

    const FollowupController = FormController.extend({
        custom_events: Object.assign({}, FormController.prototype.custom_events, {crm_check: "_onCheck"}),

        /** @override */
        on_attach_callback: function () {
            this._super.apply(this, arguments);
            this.$el.closest(".modal").addClass("crm_followup_dialog");
        },

        /** Save what was typed so far, let the server note the check-in or check-out, show it. */
        _onCheck: async function (ev) {
            ev.stopPropagation();
            const {method, args, resolve, reject} = ev.data;
            try {
                await this.saveRecord(this.handle, {stayInEdit: true});
                const {model, res_id: id} = this.model.get(this.handle);
                await this._rpc({model, method, args: [[id], ...args]});
                await this.reload();
                resolve();
            } catch (error) {
                reject();
            }
        },
    });

    registry.add("crm_check_in", CheckIn);
    registry.add("crm_photos", Photos);
    registry.add("crm_recordings", Recordings);
    registry.add("crm_dictation", Dictation);
    viewRegistry.add(
        "crm_followup_form",
        FormView.extend({config: Object.assign({}, FormView.prototype.config, {Controller: FollowupController})})
    );

    return {CheckIn, Dictation, Files, Photos, Recordings};
});
