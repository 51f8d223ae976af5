"""What a browser runs to hand over a page as people see it.

The script changes nothing in the page: it copies the document, marks the copy and returns its HTML.  On each element it
writes ``data-shelfwatch``: ``hidden`` where the browser draws nothing of it, else, where the element has text of its
own, ``x,y,width,height,font size,font weight,struck`` (pixels of the page; ``struck`` 1 or 0).  Open shadow roots are
copied as ordinary children.  ``page.read_page`` understands the marks.
"""

from __future__ import annotations

RENDERED_HTML_JS = r"""
const MARK = 'data-shelfwatch', LIMIT = 30000;
let seen = 0;
const ownText = element => {
  for (const node of element.childNodes) if (node.nodeType === 3 && node.data.trim()) return true;
  return false;
};
const clippedAway = (box, style) =>
  box.right + scrollX < 0 || box.bottom + scrollY < 0 || style.clip === 'rect(0px, 0px, 0px, 0px)';
const mark = (element, copy, struckOutside) => {
  if (++seen > LIMIT) return;
  if (element.tagName === 'SCRIPT' || element.tagName === 'STYLE' || element.tagName === 'HEAD') return;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const gone = style.display === 'none' || style.visibility === 'hidden' || +style.opacity === 0;
  if (gone) { copy.setAttribute(MARK, 'hidden'); return; }
  const struck = struckOutside || style.textDecorationLine.includes('line-through');
  if (ownText(element) && !clippedAway(box, style) && box.width > 1 && box.height > 1)
    copy.setAttribute(MARK, [box.x + scrollX, box.y + scrollY, box.width, box.height, parseFloat(style.fontSize)]
      .map(Math.round).concat([+style.fontWeight || 400, struck ? 1 : 0]).join(','));
  const children = element.children, copies = copy.children;
  for (let index = 0; index < children.length; index++) mark(children[index], copies[index], struck);
  if (element.shadowRoot) {
    for (const child of element.shadowRoot.children) {
      const twin = child.cloneNode(true);
      copy.appendChild(twin);
      mark(child, twin, struck);
    }
  }
};
const copy = document.documentElement.cloneNode(true);
mark(document.documentElement, copy, false);
return '<!DOCTYPE html>' + copy.outerHTML;
"""
"""To be run as ``driver.execute_script(RENDERED_HTML_JS)``; answers a string."""
