// The open conversation: header, messages, typing line. Keeps its place when older messages come in above, and follows
// the end as long as the reader is there.

import { avatar, el, icon } from "./dom.js";
import { day, dayKey } from "./format.js";
import { MessageRow } from "./message.js";

/// How far from the end still counts as being there, in pixels.
const NEAR_END = 80;
const NEAR_START = 120;
/// Messages by one sender closer than this belong together.
const SAME_BREATH = 4 * 60_000;

export class ThreadView {
  #dom;
  #session;
  #store;
  #rows = new Map();
  #shown = null;
  #atEnd = true;
  #below = 0;
  #sizes;
  /// Which seqs are on screen.
  #range = { oldest: 0, newest: 0 };

  constructor(dom, session, { back }) {
    this.#dom = dom;
    this.#session = session;
    this.#store = session.store;
    dom.back.replaceChildren(icon("back"));
    dom.back.onclick = back;
    dom["to-end"].onclick = () => this.#toEnd();
    dom.scroll.onscroll = () => this.#scrolled();
    for (const topic of ["thread", "conversations"]) this.#store.on(topic, () => this.#show());
    for (const topic of ["users", "typing"]) this.#store.on(topic, () => this.#showPeer());
    // A picture that loads, or a keyboard that comes up, must not push the end out of sight.
    this.#sizes = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    this.#sizes.observe(dom.scroll);
    this.#sizes.observe(dom.messages);
    document.addEventListener("visibilitychange", this.noticeReading);
    this.#show();
  }

  /// Another session takes over the nodes.
  unmount() {
    this.#sizes.disconnect();
    document.removeEventListener("visibilitychange", this.noticeReading);
  }

  /// Whether what is at the end can be seen: only then is it read.
  noticeReading = () => {
    if (this.#atEnd && document.visibilityState === "visible") this.#session.markRead();
  };

  #show() {
    const { thread } = this.#store;
    document.body.dataset.pane = thread ? "thread" : "list";
    this.#dom.thread.hidden = !thread;
    this.#dom.empty.hidden = Boolean(thread);
    if (thread !== this.#shown) {
      this.#rows.clear();
      this.#dom.messages.replaceChildren();
      this.#shown = thread;
      this.#atEnd = true;
      this.#below = 0;
      this.#range = { oldest: 0, newest: 0 };
    }
    if (!thread) return;
    this.#showPeer();
    this.#showMessages(thread);
    this.noticeReading();
  }

  #showPeer() {
    const { thread } = this.#store;
    const conversation = thread && this.#store.conversations.get(thread.conversation);
    if (!conversation) return;
    const title = this.#store.titleOf(conversation);
    const { peer } = conversation;
    this.#dom["peer-name"].textContent = title;
    this.#dom["peer-avatar"].replaceChildren(avatar(title, this.#store.users.get(peer)?.avatar));
    const presence = this.#store.online.get(peer) ? "online" : "offline";
    const words = peer ? presence : `${conversation.member_count ?? "?"} members`;
    if (this.#dom["peer-presence"].textContent !== words) this.#dom["peer-presence"].textContent = words;
    this.#dom["peer-presence"].dataset.online = String(presence === "online");
    const typing = this.#store.whoTypes(conversation.id).map((uid) => this.#store.nameOf(uid));
    this.#dom.typing.textContent = typing.length ? `${typing.join(", ")} is typing…` : "";
  }

  #showMessages(thread) {
    const { scroll, messages, older } = this.#dom;
    const before = { height: scroll.scrollHeight, top: scroll.scrollTop, ...this.#range };
    older.textContent = thread.loading ? "Loading…" : thread.hasMore ? "" : "This is where the conversation begins.";

    const nodes = this.#nodes(thread);
    // Rows already in their place stay untouched.
    nodes.forEach((node, at) => {
      if (messages.children[at] !== node) messages.insertBefore(node, messages.children[at] ?? null);
    });
    while (messages.children.length > nodes.length) messages.lastElementChild.remove();

    this.#range = { oldest: thread.messages[0]?.seq ?? 0, newest: thread.messages.at(-1)?.seq ?? 0 };
    const { oldest, newest } = this.#range;
    if (this.#atEnd) scroll.scrollTop = scroll.scrollHeight;
    else if (oldest < before.oldest) scroll.scrollTop = before.top + scroll.scrollHeight - before.height;
    else if (newest > before.newest) this.#below += newest - before.newest;
    this.#showToEnd();
    // A page that does not fill the screen could never be scrolled for more.
    const short = scroll.scrollHeight <= scroll.clientHeight;
    if (short && thread.hasMore && !thread.loading) this.#session.try(() => this.#session.older());
  }

  #nodes(thread) {
    const { me, conversations } = this.#store;
    const group = !conversations.get(thread.conversation)?.peer;
    const all = [...thread.messages, ...this.#session.outbox.of(thread.conversation)];
    const nodes = [];
    const used = new Set();
    let previous = null;
    let whispers = [...thread.whispers];
    const whisper = (before) => {
      const due = whispers.filter(({ after }) => after < before);
      whispers = whispers.filter(({ after }) => after >= before);
      nodes.push(...due.map((one) => this.#whisperLine(one, used)));
      if (due.length) previous = null;
    };
    for (const message of all) {
      whisper(message.seq || Infinity);
      if (!previous || dayKey(previous.created_at) !== dayKey(message.created_at)) {
        nodes.push(this.#dayLine(message.created_at, used));
        previous = null;
      }
      const author = message.from === undefined ? me.user : message.from;
      const first = previous?.author !== author || message.created_at - previous.created_at > SAME_BREATH;
      const mark = author === me.user && message.seq ? thread.markOf(message, me.user) : null;
      const row = this.#row(message.nonce ?? `m${message.id}`, used, () => new MessageRow(this.#store, this.#actions));
      row.update(message, { mark, first, group });
      nodes.push(row.node);
      previous = { author, created_at: message.created_at };
    }
    whisper(Infinity);
    for (const key of this.#rows.keys()) if (!used.has(key)) this.#rows.delete(key);
    return nodes;
  }

  /// The row under a key, made if there is none. A message keeps its row from outbox to acknowledgement.
  #row(key, used, make) {
    used.add(key);
    if (!this.#rows.has(key)) this.#rows.set(key, make());
    return this.#rows.get(key);
  }

  #dayLine(time, used) {
    const make = () => ({ node: el("li", { className: "day" }, el("span", { textContent: day(time) })) });
    return this.#row(`day ${dayKey(time)}`, used, make).node;
  }

  #whisperLine({ key, text }, used) {
    const make = () => ({ node: el("li", { className: "whisper", textContent: text }) });
    return this.#row(key, used, make).node;
  }

  #actions = {
    react: (message, emoji) => this.#session.try(() => this.#session.react(message, emoji)),
    recall: (message) => this.#session.try(() => this.#session.recall(message)),
    retry: (nonce) => this.#session.outbox.retry(nonce),
    discard: (nonce) => this.#session.outbox.discard(nonce),
  };

  #scrolled() {
    const { scroll } = this.#dom;
    this.#atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;
    if (this.#atEnd) {
      this.#below = 0;
      this.noticeReading();
    }
    this.#showToEnd();
    if (scroll.scrollTop < NEAR_START) this.#session.try(() => this.#session.older());
  }

  #showToEnd() {
    const button = this.#dom["to-end"];
    button.hidden = this.#atEnd;
    const words = this.#below > 0 ? `${this.#below} new` : "To the end";
    if (!this.#atEnd) button.replaceChildren(icon("down"), words);
  }

  #toEnd() {
    this.#dom.scroll.scrollTop = this.#dom.scroll.scrollHeight;
  }

  /// Own messages are always shown to their writer.
  follow() {
    this.#atEnd = true;
    this.#toEnd();
  }
}
