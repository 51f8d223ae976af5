// Fetches one page of the shelves and renders its cards.  Text is always set as text, never as HTML.
"use strict";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function prices(product) {
  const line = element("p", { class: "prices" });
  if (product.was_price !== null) {
    const before = element("data", { value: product.was_price }, product.was_text);
    line.append(element("s", { class: "was" }, element("span", { class: "hidden" }, "Was "), before), " ");
  }
  line.append(element("strong", { class: "price" }, element("data", { value: product.price }, product.price_text)));
  if (product.percent_off) line.append(" ", element("span", { class: "badge" }, `${product.percent_off}% off`));
  return line;
}

function card(product) {
  const link = element("a", { href: product.url }, product.name);
  const picture = element("img", { src: product.image, alt: "", width: "240", height: "180", loading: "lazy" });
  return element(
    "article", { class: "card", "data-sku": product.sku, "data-availability": product.availability },
    picture,
    element("p", { class: "brand" }, product.brand),
    element("h2", {}, link),
    prices(product),
    product.promotion ? element("p", { class: "promotion" }, product.promotion) : null,
    element("p", { class: "availability" }, product.availability_text),
  );
}

function paging(listing) {
  const bar = document.getElementById("paging");
  if (listing.page > 1) bar.append(element("a", { rel: "prev", href: `/products?page=${listing.page - 1}` }, "Previous"));
  bar.append(element("span", { class: "position" }, `Page ${listing.page} of ${listing.pages}`));
  if (listing.next) bar.append(element("a", { rel: "next", class: "next", href: listing.next }, "Next page"));
  bar.dataset.pages = listing.pages;
  bar.hidden = false;
}

async function show() {
  const shelf = document.getElementById("products");
  const count = document.getElementById("count");
  const answer = await fetch(`/api/products?page=${shelf.dataset.page}`);
  if (!answer.ok) {
    count.textContent = answer.status === 404 ? "There is no such page." : "Our shelves cannot be shown just now. Please try again.";
    shelf.dataset.state = "failed";
  } else {
    const listing = await answer.json();
    shelf.append(...listing.products.map(card));
    count.textContent = `${listing.total} products`;
    paging(listing);
    shelf.dataset.state = "ready";
  }
  shelf.setAttribute("aria-busy", "false");
}

show();
