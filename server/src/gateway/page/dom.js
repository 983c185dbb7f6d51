// Building nodes. Data enters the document through textContent and checked URLs only, never as markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  attach: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  card: "M4 6h16v12H4zM8.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 16h5M14 10h4M14 14h4",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9.5h.01",
  leave: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  location: "M12 21s7-6.5 7-12a7 7 0 1 0-14 0c0 5.5 7 12 7 12zM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  play: "M8 5l11 7-11 7z",
  react: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14c1.5 2.5 5.5 2.5 7 0M9 9.5h.01M15 9.5h.01",
  recall: "M4 10h10a5 5 0 0 1 0 10h-3M8 6l-4 4 4 4",
  send: "M4 12L20 4l-5 16-4-7z",
  sent: "M6 12.5l4 4 8-9",
  both: "M1.5 12.5L6 17l8.5-9M11.5 16l1 1L21 8",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  failed: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v6M12 16.5h.01",
};

/// A node. `properties` are set as properties, except `data` (data-*), `aria` (aria-*), `on` (listeners) and `role`.
/// Children are nodes or text; null and undefined are skipped.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { data = {}, aria = {}, on = {}, role, ...rest } = properties;
  for (const [name, value] of Object.entries(data)) if (value !== undefined) node.dataset[name] = value;
  for (const [name, value] of Object.entries(aria)) if (value !== undefined) node.setAttribute(`aria-${name}`, value);
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  if (role) node.setAttribute("role", role);
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) node[name] = value;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/// One of the page's own line drawings, hidden from screen readers: whoever uses it gives the words.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/// Words for screen readers only.
export function spoken(text) {
  return el("span", { className: "hidden", textContent: text });
}

/// The address as an http(s) URL, or null: anything else (javascript:, data:, nonsense) is never linked to or loaded.
export function webUrl(text) {
  if (typeof text !== "string" || text === "") return null;
  try {
    const url = new URL(text, document.baseURI);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/// A link that opens beside the chat and tells the other site nothing; plain text if the address is not a web address.
export function outward(address, properties, ...children) {
  const href = webUrl(address);
  if (!href) return el("span", properties, ...children);
  return el("a", { ...properties, href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/// Text with its web addresses made into links.
export function linked(text) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'，。！？、；：）】》]+/g)) {
    parts.append(text.slice(end, match.index), outward(match[0], { textContent: match[0] }));
    end = match.index + match[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}

/// A round picture of a user: the avatar if it is a web address that loads, else the first character of the name.
export function avatar(name, address, className = "avatar") {
  const letter = Array.from(name || "?")[0].toUpperCase();
  const node = el("span", { className, textContent: letter, aria: { hidden: "true" } });
  let hue = 0;
  for (const char of name || "") hue = (hue * 31 + char.codePointAt(0) * 137) % 360;
  node.style.setProperty("--hue", hue);
  const src = webUrl(address);
  if (src) {
    const image = el("img", { src, alt: "", referrerPolicy: "no-referrer" });
    image.addEventListener("error", () => image.remove());
    node.append(image);
  }
  return node;
}
