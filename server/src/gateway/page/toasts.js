// Errors, shown with the server's code and words for a while.

import { el, icon } from "./dom.js";

const SHOWN_FOR = 9_000;
const AT_ONCE = 4;

/// Shows one error; the oldest goes when there are too many.
export function toast(root, { code, message, field }) {
  const close = el("button", { className: "icon-button", type: "button", aria: { label: "Dismiss" } }, icon("close"));
  const text = field ? `${message} (${field})` : message;
  const words = el("span", { textContent: text });
  const node = el("div", { className: "toast" }, el("code", { textContent: code ?? "error" }), words, close);
  close.addEventListener("click", () => node.remove());
  root.append(node);
  while (root.children.length > AT_ONCE) root.firstElementChild.remove();
  setTimeout(() => node.remove(), SHOWN_FOR);
}
