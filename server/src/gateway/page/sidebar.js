// The left side: who one is, how the connection is, whom one can write to, and the conversations.

import { avatar, el, icon } from "./dom.js";
import { shortTime } from "./format.js";
import { summary } from "./kinds.js";

/// Binds the sidebar to a session; `actions` are `open(id)` and `start(uid)`.
export function mountSidebar(dom, session, actions) {
  const { store } = session;
  const { me } = store;
  dom["me-avatar"].replaceChildren(avatar(me.nickname, me.avatar));
  dom["me-name"].textContent = me.nickname || me.user;
  dom["me-role"].textContent = [me.role, `app ${store.app}`].filter(Boolean).join(" · ");
  dom.leave.replaceChildren(icon("leave"));
  dom["connection-retry"].onclick = () => session.retryNow();
  dom["more-conversations"].onclick = () => session.try(() => session.moreConversations());

  store.on("connection", () => showConnection(dom, store));
  store.on("conversations", () => showConversations(dom, store, actions));
  store.on("users", () => showConversations(dom, store, actions));
  const countdown = setInterval(() => store.connection.phase === "waiting" && showConnection(dom, store), 1_000);
  showConversations(dom, store, actions);
  return () => clearInterval(countdown);
}

function showConnection(dom, { connection: { phase, reason, retryAt } }) {
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  const words = {
    connecting: "Connecting…",
    online: "Connected",
    waiting: `${reason} Next try in ${seconds} s.`,
    stopped: reason,
  };
  dom.connection.dataset.phase = phase;
  if (dom["connection-text"].textContent !== words[phase]) dom["connection-text"].textContent = words[phase];
  dom["connection-retry"].hidden = phase !== "waiting" && phase !== "stopped";
}

function showConversations(dom, store, actions) {
  showContacts(dom, store, actions);
  const list = dom.conversations.querySelector("ul");
  const focused = document.activeElement?.closest?.("#conversations li")?.firstElementChild.dataset.conversation;
  list.replaceChildren(...store.listed().map((conversation) => row(store, conversation, actions)));
  if (focused) list.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
  dom["more-conversations"].hidden = store.nextPage === null;
  const unread = store.unreadTotal();
  document.title = `${unread ? `(${unread}) ` : ""}${store.me.nickname || store.me.user} · Switchboard`;
}

/// Customers get a way to every agent they do not talk to yet.
function showContacts(dom, store, actions) {
  const known = new Set(store.listed().map((conversation) => conversation.peer));
  const agents = store.others.filter(({ role, user }) => role === "agent" && !known.has(user));
  const offered = store.me.role === "customer" ? agents : [];
  dom.contacts.replaceChildren(...offered.map((agent) => contact(store, agent, actions)));
}

function contact(store, { user, nickname, avatar: picture }, actions) {
  const name = nickname || user;
  const online = store.online.get(user);
  const words = el("span", { className: "row-words" }, el("strong", { textContent: `Chat with ${name}` }));
  words.append(el("span", { className: "dim", textContent: online ? "online" : "leaves you an answer" }));
  return el(
    "button",
    { type: "button", className: "row contact", data: { start: user }, on: { click: () => actions.start(user) } },
    face(name, picture, online),
    words,
  );
}

/// An avatar with a dot for presence.
function face(name, picture, online) {
  return el("span", { className: "face", data: { online: String(Boolean(online)) } }, avatar(name, picture));
}

function row(store, conversation, actions) {
  const { id, peer, unread, last_message: last } = conversation;
  const title = store.titleOf(conversation);
  const current = store.thread?.conversation === id;
  const own = last?.from === store.me.user ? "You: " : "";
  const top = el("span", { className: "row-top" }, el("strong", { textContent: title }));
  if (last) top.append(el("time", { className: "dim", textContent: shortTime(last.created_at) }));
  const bottom = el("span", { className: "row-bottom" });
  bottom.append(el("span", { className: "dim", textContent: last ? `${own}${summary(last)}` : "No messages yet" }));
  if (unread > 0) {
    const text = unread > 99 ? "99+" : String(unread);
    bottom.append(el("span", { className: "badge", textContent: text, aria: { label: `${unread} unread` } }));
  }
  return el("li", {}, el(
    "button",
    {
      type: "button",
      className: "row",
      data: { conversation: id, unread: unread ?? 0, peer: peer ?? undefined },
      aria: { current: current ? "true" : undefined },
      on: { click: () => actions.open(id) },
    },
    face(title, store.users.get(peer)?.avatar ?? conversation.cover, store.online.get(peer)),
    el("span", { className: "row-words" }, top, bottom),
  ));
}
