"""What a browser runs to hand over a page as people see it.

The function changes nothing in the page: it copies the document, marks the copy and returns its HTML.  On each element
it writes ``data-shelfwatch``: ``hidden`` where the browser draws nothing of it, else, where the element has text of its
own, ``x,y,width,height,font size,font weight,struck`` (pixels of the page; ``struck`` 1 or 0).  The root element gets
``data-shelfwatch-styled``: 0 where a style sheet did not load, so that the drawing says little.  Open shadow roots are
copied as ordinary children.  ``page.read_page`` understands the marks.
"""

from __future__ import annotations

RENDERED_HTML_FUNCTION = r"""() => {
  const MARK = "data-shelfwatch", LIMIT = 30000, UNSEEN = new Set(["SCRIPT", "STYLE", "HEAD", "TEMPLATE", "NOSCRIPT"]);
  let seen = 0;
  const ownText = element => {
    for (const node of element.childNodes) if (node.nodeType === 3 && node.data.trim()) return true;
    return false;
  };
  const place = (element, style, struck) => {
    const box = element.getBoundingClientRect();
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
    const drawn = ownText(element) ? place(element, style, struck) : null;
    if (drawn) copy.setAttribute(MARK, drawn);
    const originals = element.children, copies = [...copy.children];
    for (let index = 0; index < originals.length; index++) mark(originals[index], copies[index], struck);
    for (const child of element.shadowRoot ? element.shadowRoot.children : []) {
      const twin = child.cloneNode(true);
      copy.appendChild(twin);
      mark(child, twin, struck);
    }
  };
  try {
    const copy = document.documentElement.cloneNode(true);
    const sheets = [...document.querySelectorAll('link[rel~="stylesheet"]')];
    mark(document.documentElement, copy, false);
    copy.setAttribute(MARK + "-styled", sheets.every(link => link.sheet || link.disabled) ? 1 : 0);
    return "<!DOCTYPE html>" + copy.outerHTML;
  } catch (error) {
    return document.documentElement ? document.documentElement.outerHTML : "";
  }
}"""
"""A JavaScript function expression without arguments that answers a string."""

RENDERED_HTML_JS = f"return ({RENDERED_HTML_FUNCTION})();"
"""The same, to be run as ``driver.execute_script(RENDERED_HTML_JS)``."""
