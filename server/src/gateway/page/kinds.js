// Message kinds: how each is shown, put into one line, and asked for. A new kind is one entry in KINDS; whatever has
// no entry is shown by its name and its fields.

import { avatar, el, icon, linked, outward, webUrl } from "./dom.js";
import { bytes, duration } from "./format.js";

const LARGEST_IMAGE = { width: 320, height: 300 };

/// kind → {label, icon, summary(body), show(body, store), fields?: [{name, label, type, required}]}; a kind with
/// fields can be sent from the page.
export const KINDS = {
  text: {
    summary: (body) => body.text ?? "",
    show: (body) => el("p", { className: "text" }, linked(String(body.text ?? ""))),
  },
  image: {
    label: "Image",
    icon: "image",
    summary: () => "[Image]",
    show: showImage,
    fields: [
      field("url", "Address of the image", "url", true),
      field("width", "Width", "number"),
      field("height", "Height", "number"),
    ],
  },
  voice: {
    label: "Voice",
    icon: "play",
    summary: ({ duration: seconds }) => `[Voice] ${duration(seconds)}`,
    show: (body) => tile("play", "Voice message", duration(body.duration), body.url),
  },
  video: {
    label: "Video",
    icon: "play",
    summary: () => "[Video]",
    show: (body) => tile("play", "Video", duration(body.duration), body.url),
  },
  location: {
    label: "Location",
    icon: "location",
    summary: ({ name, address }) => `[Location] ${name || address || ""}`,
    show: showLocation,
    fields: [
      field("name", "Name", "text"),
      field("address", "Address", "text"),
      field("latitude", "Latitude", "number", true),
      field("longitude", "Longitude", "number", true),
    ],
  },
  file: {
    label: "File",
    icon: "file",
    summary: ({ name }) => `[File] ${name ?? ""}`,
    show: (body) => tile("file", body.name, bytes(body.size), body.url),
    fields: [
      field("name", "File name", "text", true),
      field("url", "Address of the file", "url", true),
      field("size", "Size in bytes", "number"),
    ],
  },
  card: {
    label: "Contact",
    icon: "card",
    summary: ({ nickname, user }) => `[Contact] ${nickname || user || ""}`,
    show: showCard,
    fields: [field("user", "User id", "text", true), field("nickname", "Nickname", "text")],
  },
  link: {
    label: "Link",
    icon: "link",
    summary: ({ title, url }) => `[Link] ${title || url || ""}`,
    show: showLink,
    fields: [
      field("url", "Address", "url", true),
      field("title", "Title", "text"),
      field("description", "Description", "text"),
      field("image_url", "Address of a picture", "url"),
    ],
  },
};

function field(name, label, type, required = false) {
  return { name, label, type, required };
}

/// The message in one line, for lists and announcements.
export function summary(message) {
  if (message.recalled_at) return "Message recalled";
  const kind = KINDS[message.kind];
  return kind ? kind.summary(message.body ?? {}) : `[${message.kind}]`;
}

/// The body as a node.
export function show(message, store) {
  if (message.recalled_at) return el("p", { className: "gone", textContent: "This message was recalled." });
  const kind = KINDS[message.kind];
  return kind ? kind.show(message.body ?? {}, store) : showUnknown(message);
}

function tile(symbol, title, detail, address) {
  const words = el("span", { className: "tile-words" }, el("strong", { textContent: title || address || "" }));
  if (detail) words.append(el("span", { className: "dim", textContent: detail }));
  return outward(address, { className: "tile" }, el("span", { className: "tile-icon" }, icon(symbol)), words);
}

/// A picture at its final size from the start, so that nothing jumps when it loads; a link to it if it does not.
function showImage(body) {
  const src = webUrl(body.thumb_url) ?? webUrl(body.url);
  if (!src) return tile("image", "Image", "not a web address");
  const image = el("img", { className: "picture", src, alt: "Image", loading: "lazy", referrerPolicy: "no-referrer" });
  if (body.width > 0 && body.height > 0) {
    const scale = Math.min(1, LARGEST_IMAGE.width / body.width, LARGEST_IMAGE.height / body.height);
    image.width = Math.round(body.width * scale);
    image.height = Math.round(body.height * scale);
  }
  const link = outward(body.url, { className: "picture-link" }, image);
  image.addEventListener("error", () => link.replaceWith(tile("image", "Image", "open in a new tab", body.url)));
  return link;
}

function showLocation({ latitude, longitude, name, address }) {
  const known = Number.isFinite(latitude) && Number.isFinite(longitude);
  const place = known ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` : "";
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return tile("location", name || "Location", address || place, known ? map : null);
}

function showCard({ user, nickname, avatar: picture }, store) {
  const name = nickname || store.nameOf(user);
  const words = el("span", { className: "tile-words" }, el("strong", { textContent: name }));
  words.append(el("span", { className: "dim", textContent: `Contact · ${user}` }));
  return el("span", { className: "tile" }, avatar(name, picture), words);
}

function showLink({ url, title, description, image_url: picture }) {
  const href = webUrl(url);
  const node = outward(url, { className: "preview" });
  const src = webUrl(picture);
  if (src) {
    const image = el("img", { src, alt: "", loading: "lazy", referrerPolicy: "no-referrer" });
    image.addEventListener("error", () => image.remove());
    node.append(image);
  }
  node.append(el("strong", { textContent: title || url || "" }));
  if (description) node.append(el("span", { textContent: description }));
  if (href) node.append(el("span", { className: "dim", textContent: new URL(href).host }));
  return node;
}

function showUnknown({ kind, body }) {
  const fields = el("pre", { textContent: JSON.stringify(body, null, 2) });
  return el("details", { className: "unknown" }, el("summary", { textContent: `[${kind}]` }), fields);
}
