# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contrast of the text on a page by WCAG 2.1: 4.5:1, or 3:1 for large text."""

# Runs in the page: [text, foreground, background, size in px, weight] of everything written on it. Disabled controls,
# placeholders and what is hidden or transparent do not count.
_TEXTS = r"""() => {
    const parse = color => (color.match(/[\d.]+/g) || []).map(Number);
    const background = node => {
        const layers = [];
        for (let n = node; n; n = n.parentElement) {
            const style = getComputedStyle(n);
            if (style.backgroundImage !== 'none') { return null; }
            const [r, g, b, a = 1] = parse(style.backgroundColor);
            if (a > 0) { layers.push([r, g, b, a]); }
            if (a === 1) { break; }
        }
        return layers.reverse().reduce(
            (under, [r, g, b, a]) => under.map((u, i) => u * (1 - a) + [r, g, b][i] * a), [255, 255, 255]);
    };
    const opacity = node => node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1;
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const node = text.parentElement;
        const shown = text.data.trim();
        if (!shown || !node.checkVisibility({opacityProperty: true, visibilityProperty: true})) { continue; }
        if (node.closest('script, style, [disabled], .disabled, [aria-disabled=true], .sr-only')) { continue; }
        const box = node.getBoundingClientRect();
        if (!box.width || !box.height) { continue; }
        const style = getComputedStyle(node), under = background(node);
        if (!under) { continue; }
        const [r, g, b, a = 1] = parse(style.color);
        const strength = a * opacity(node);
        const over = [r, g, b].map((c, i) => c * strength + under[i] * (1 - strength));
        found.push([shown.slice(0, 40), node.className, over, under, parseFloat(style.fontSize), Number(style.fontWeight)]);
    }
    return found;
}"""


def luminance(color):
    """Relative luminance of an sRGB colour.

    >>> luminance((255, 255, 255))
    1.0
    """
    linear = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 6)


def contrast(one, other):
    """
    >>> contrast((0, 0, 0), (255, 255, 255))
    21.0
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def contrast_failures(page):
    """Texts on the page that are hard to read, each as 'text (class) ratio'."""
    failures = set()
    for text, css_class, over, under, size, weight in page.evaluate(_TEXTS):
        large = size >= 24 or (size >= 18.66 and weight >= 700)
        ratio = contrast(over, under)
        if ratio < (3 if large else 4.5):
            failures.add(f"{text} ({css_class}) {ratio}")
    return sorted(failures)
