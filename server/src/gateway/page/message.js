// One message in the thread. A row is built once; afterwards only the parts whose content changed are replaced, so that
// focus and text selections survive a read mark.

import { el, icon, spoken } from "./dom.js";
import { exactly, timeOfDay } from "./format.js";
import { show, summary } from "./kinds.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "🙏", "👀"];
const MARKS = { sent: ["sent", "Sent"], delivered: ["both", "Delivered"], read: ["both", "Read"] };

export class MessageRow {
  #store;
  #actions;
  #parts = new Map();

  /// `actions`: react(message, emoji), recall(message), retry(nonce), discard(nonce).
  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    const parts = ["author", "bubble", "reactions", "meta", "tools"];
    this.node = el("li", { className: "message" });
    for (const name of parts) {
      const node = el("div", { className: name });
      this.#parts.set(name, { node, signature: null });
      this.node.append(node);
    }
  }

  /// `message` is a stored message or an entry of the outbox; `mark` is how far others are with it.
  update(message, { mark, first, group }) {
    const own = message.from === undefined || message.from === this.#store.me.user;
    const side = message.from === null ? "app" : own ? "own" : "other";
    Object.assign(this.node.dataset, { side, kind: message.kind, state: message.state ?? mark ?? "" });
    this.node.dataset.first = String(first);
    if (message.seq) this.node.dataset.seq = message.seq;
    if (message.origin) this.node.dataset.origin = message.origin;
    const named = first && side === "other" && group;
    this.#part("author", [named, message.from], () => (named ? [this.#store.nameOf(message.from)] : []));
    const quoted = message.reply_to && this.#store.findMessage(message.reply_to);
    this.#part("bubble", [message.kind, message.body, message.recalled_at, quoted?.id], () => [
      quoted ? el("blockquote", { textContent: summary(quoted) }) : null,
      show(message, this.#store),
    ]);
    this.#part("reactions", message.reactions ?? [], () => this.#reactions(message));
    this.#part("meta", [message.created_at, message.edited_at, message.origin, mark, message.state], () =>
      meta(message, own ? mark : null));
    const tools = [message.id, message.state, message.error?.code, Boolean(message.recalled_at), own];
    this.#part("tools", tools, () => this.#tools(message, own));
  }

  #part(name, content, build) {
    const part = this.#parts.get(name);
    const signature = JSON.stringify(content);
    if (part.signature === signature) return;
    part.signature = signature;
    const focused = part.node.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    part.node.replaceChildren(...build().filter(Boolean));
    if (focused) part.node.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  }

  #reactions(message) {
    return (message.reactions ?? []).map(({ emoji, users }) => {
      const names = users.map((uid) => this.#store.nameOf(uid)).join(", ");
      return el(
        "button",
        {
          type: "button",
          className: "reaction",
          title: names,
          data: { action: `react-${emoji}` },
          aria: { pressed: String(users.includes(this.#store.me.user)), label: `${emoji} by ${names}` },
          on: { click: () => this.#actions.react(message, emoji) },
        },
        `${emoji} ${users.length}`,
      );
    });
  }

  #tools(message, own) {
    if (message.state === "failed") return this.#failure(message);
    if (!message.id || message.recalled_at) return [];
    const bar = el("div", { className: "tool-bar" });
    const picker = el("span", { className: "emoji", hidden: true });
    for (const emoji of EMOJI) {
      picker.append(tool(emoji, `React with ${emoji}`, `pick-${emoji}`, () => {
        picker.hidden = true;
        this.#actions.react(message, emoji);
      }));
    }
    const opener = tool(icon("react"), "React", "react", () => {
      picker.hidden = !picker.hidden;
      opener.setAttribute("aria-expanded", String(!picker.hidden));
    });
    opener.setAttribute("aria-expanded", "false");
    bar.append(picker, opener);
    if (own) bar.append(tool(icon("recall"), "Recall", "recall", () => this.#actions.recall(message)));
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !picker.hidden) opener.click();
    });
    return [bar];
  }

  #failure({ nonce, error }) {
    const again = el("button", { type: "button", className: "link-button", textContent: "Send again" });
    again.addEventListener("click", () => this.#actions.retry(nonce));
    const drop = el("button", { type: "button", className: "link-button", textContent: "Discard" });
    drop.addEventListener("click", () => this.#actions.discard(nonce));
    const why = el("span", {}, el("code", { textContent: error.code }), ` ${error.message} `);
    return [el("p", { className: "failure", role: "alert" }, why, again, drop)];
  }
}

function tool(content, label, action, act) {
  const properties = { type: "button", className: "tool", title: label, data: { action }, aria: { label } };
  const button = el("button", properties, content);
  button.addEventListener("click", act);
  return button;
}

function meta(message, mark) {
  const time = el("time", { textContent: timeOfDay(message.created_at), title: exactly(message.created_at) });
  const parts = [];
  if (message.origin) {
    const title = `Sent by the plugin ${message.origin}`;
    parts.push(el("span", { className: "origin", textContent: "Automatic", title }));
  }
  if (message.edited_at) parts.push(el("span", { textContent: "edited" }));
  parts.push(time);
  if (message.state === "failed") parts.push(el("span", { className: "mark" }, icon("failed"), spoken("Not sent")));
  else if (message.state) parts.push(el("span", { className: "mark" }, icon("clock"), spoken("Sending")));
  else if (mark) {
    const [symbol, words] = MARKS[mark];
    parts.push(el("span", { className: "mark", title: words, data: { mark } }, icon(symbol), spoken(words)));
  }
  return parts;
}
