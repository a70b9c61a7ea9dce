/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_bi.charts", function () {
    "use strict";

    /**
     * Chart options shared by all charts. Names come from records: texts are drawn on the canvas, never as HTML.
     */
    function base(palette) {
        return {
            animationDuration: 300,
            textStyle: {fontFamily: palette.font, fontSize: palette.size, color: palette.text},
            grid: {left: 4, right: 16, top: 16, bottom: 4, containLabel: true},
            tooltip: {
                renderMode: "richText",
                trigger: "item",
                confine: true,
                formatter: ({data}) => `${data.title}\n${data.text}`,
            },
        };
    }

    function categoryAxis(rows, palette, label) {
        return {
            type: "category",
            data: rows.map((row) => row.title),
            axisTick: {show: false},
            axisLine: {lineStyle: {color: palette.line}},
            axisLabel: Object.assign({color: palette.muted, fontSize: palette.size}, label),
        };
    }

    function valueAxis(palette, label) {
        return {
            type: "value",
            splitNumber: 4,
            splitLine: {lineStyle: {color: palette.line}},
            axisLabel: Object.assign({color: palette.muted, fontSize: palette.size}, label),
        };
    }

    /**
     * Upright bars, one per month; months outside of the period are pale.
     *
     * @param {Object[]} rows title, value, text (shown) and in_period
     * @param {Object} palette
     * @param {Function} short formats a number of the axis
     */
    function monthOption(rows, palette, short) {
        return Object.assign(base(palette), {
            xAxis: categoryAxis(rows, palette, {hideOverlap: true}),
            yAxis: valueAxis(palette, {formatter: short}),
            series: {
                type: "bar",
                barMaxWidth: 36,
                cursor: "pointer",
                data: rows.map((row) =>
                    Object.assign({}, row, {
                        value: row.value === false ? null : row.value,
                        itemStyle: {
                            color: row.in_period ? palette.accent : palette.pale,
                            borderRadius: [3, 3, 0, 0],
                        },
                    })
                ),
            },
        });
    }

    /**
     * Lying bars from the top, with name and figure beside them: a ranking or a funnel.
     *
     * @param {Object[]} rows title, value and text (shown)
     * @param {Object} palette
     * @param {Number} nameWidth in pixels; longer names are cut
     */
    function barOption(rows, palette, nameWidth) {
        return Object.assign(base(palette), {
            grid: {left: 4, right: palette.size * 8, top: 4, bottom: 4, containLabel: true},
            xAxis: Object.assign(valueAxis(palette), {show: false}),
            yAxis: Object.assign(
                categoryAxis(rows, palette, {width: nameWidth, overflow: "truncate", color: palette.text}),
                {inverse: true, axisLine: {show: false}}
            ),
            series: {
                type: "bar",
                barMaxWidth: 22,
                cursor: "pointer",
                label: {
                    show: true,
                    position: "right",
                    color: palette.muted,
                    fontSize: palette.size,
                    formatter: ({data}) => data.text,
                },
                data: rows.map((row) =>
                    Object.assign({}, row, {
                        value: row.value || 0,
                        itemStyle: {color: palette.accent, borderRadius: [0, 3, 3, 0]},
                    })
                ),
            },
        });
    }

    return {monthOption, barOption};
});
