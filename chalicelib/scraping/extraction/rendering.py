"""What a browser runs to hand over a page as people see it.

The function changes nothing in the page: it copies the document, marks the copy and returns its HTML.  On each element
it writes ``data-shelfwatch``: ``hidden`` where the browser draws nothing of it, else, where the element has text of its
own, ``x,y,width,height,font size,font weight,struck`` (pixels of the page; ``struck`` 1 or 0), or ``away`` where that
text is drawn outside the page or in no space.  The root element gets ``data-shelfwatch-styled``: 0 where most links or
lists look as browsers draw them without a style sheet, so that the drawing says little (no script can ask whether
another host's style sheet has loaded).  A page that hides all of itself until a script has run is handed over unmarked.
Open shadow roots are copied as ordinary children.  ``reading.read_page`` understands the marks.
"""

from __future__ import annotations

RENDERED_HTML_FUNCTION = r"""() => {
  const MARK = "data-shelfwatch", LIMIT = 30000, UNSEEN = new Set(["SCRIPT", "STYLE", "HEAD", "TEMPLATE", "NOSCRIPT"]);
  const inert = document.implementation.createHTMLDocument("");
  let seen = 0, drawn = 0;
  const ownText = element => {
    for (const node of element.childNodes) if (node.nodeType === 3 && node.data.trim()) return true;
    return false;
  };
  const boxOf = (element, style) => {
    if (style.display !== "contents") return element.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const place = (element, style, struck) => {
    const box = boxOf(element, style);
    if (box.width <= 1 || box.height <= 1 || box.right + scrollX < 0 || box.bottom + scrollY < 0) return null;
    const numbers = [box.x + scrollX, box.y + scrollY, box.width, box.height, parseFloat(style.fontSize)];
    return [...numbers.map(Math.round), +style.fontWeight || 400, struck ? 1 : 0].join(",");
  };
  const mark = (element, copy, outside) => {
    if (!copy || ++seen > LIMIT || UNSEEN.has(element.tagName)) return;
    const style = getComputedStyle(element);
    if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") {
      copy.setAttribute(MARK, "hidden");
      return;
    }
    const struck = outside || style.textDecorationLine.includes("line-through");
    if (ownText(element)) {
      const where = place(element, style, struck);
      copy.setAttribute(MARK, where || "away");
      drawn += where ? 1 : 0;
    }
    const originals = element.children, copies = [...copy.children];
    for (let index = 0; index < originals.length; index++) mark(originals[index], copies[index], struck);
    for (const child of element.shadowRoot ? element.shadowRoot.children : []) {
      const twin = inert.importNode(child, true);
      copy.appendChild(twin);
      mark(child, twin, struck);
    }
  };
  const mostly = (selector, test) => {
    const sample = [...document.querySelectorAll(selector)].slice(0, 80);
    return sample.length > 2 && sample.filter(element => test(getComputedStyle(element))).length > sample.length / 2;
  };
  const bare = () => !!document.querySelector('link[rel~="stylesheet"]') &&
    (mostly("a[href]", style => style.color === "rgb(0, 0, 238)") ||
      mostly("ul", style => style.paddingLeft === "40px"));
  const plain = () => document.documentElement ? document.documentElement.outerHTML : "";
  try {
    const copy = inert.importNode(document.documentElement, true);
    for (const element of copy.querySelectorAll("noscript")) element.innerHTML = element.textContent;
    mark(document.documentElement, copy, false);
    if (drawn < 10 && document.body && document.body.textContent.length > 5000) return plain();
    copy.setAttribute(MARK + "-styled", bare() ? 0 : 1);
    return "<!DOCTYPE html>" + copy.outerHTML;
  } catch (error) {
    return plain();
  }
}"""
"""A JavaScript function expression without arguments that answers a string."""

RENDERED_HTML_JS = f"return ({RENDERED_HTML_FUNCTION})();"
"""The same, to be run as ``driver.execute_script(RENDERED_HTML_JS)``."""
