// Puts the page together. Who one is stands in the address (`#app=10001&user=customer`), so that a tab can be
// reloaded, copied and kept; `&conversation=` is the one that was open.

import { demoApps, tokenSource } from "./demo.js";
import { mountComposer } from "./composer.js";
import { el } from "./dom.js";
import { summary } from "./kinds.js";
import { showPicker } from "./picker.js";
import { Session } from "./session.js";
import { mountSidebar } from "./sidebar.js";
import { Store } from "./state.js";
import { ThreadView } from "./thread.js";
import { toast } from "./toasts.js";

const dom = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));
const report = (error) => toast(dom.toasts, error);

/// Ends what the tab was showing before.
let leave = () => {};

function place() {
  const hash = new URLSearchParams(location.hash.slice(1));
  return { app: hash.get("app"), user: hash.get("user"), conversation: Number(hash.get("conversation")) || null };
}

function show(screen) {
  document.body.dataset.screen = screen;
  dom.picker.hidden = screen !== "picker";
  dom.chat.hidden = screen !== "chat";
}

async function begin() {
  leave();
  leave = () => {};
  const asked = location.hash;
  const { app, user } = place();
  try {
    const apps = await demoApps();
    if (location.hash !== asked) return;
    const chosen = apps.find((known) => String(known.app) === app);
    const me = chosen?.users.find((known) => known.user === user);
    if (me) return chat(chosen, me);
    document.title = "Switchboard";
    showPicker(dom.apps, apps);
    show("picker");
    if (app || user) report({ code: "not_found", message: "There is no such demo user." });
  } catch (error) {
    show("picker");
    const again = el("button", { type: "button", className: "primary", textContent: "Try again" });
    again.addEventListener("click", begin);
    const why = el("p", {}, el("code", { textContent: error.code ?? "error" }), ` ${error.message}`);
    dom.apps.replaceChildren(why, again);
  }
}

function chat({ app, users }, me) {
  const store = new Store({ app, user: me, others: users.filter((known) => known !== me) });
  const announce = (message) => {
    dom.announcer.textContent = `${store.nameOf(message.from)}: ${summary(message)}`;
  };
  const session = new Session(store, { token: tokenSource(app, me.user), report, announce });
  const go = (work) => session.try(async () => {
    await work();
    remember(store);
    dom.text.focus();
  });
  const actions = { open: (id) => go(() => session.open(id)), start: (uid) => go(() => session.startWith(uid)) };
  const back = () => {
    session.close();
    remember(store);
  };
  const unmount = mountSidebar(dom, session, actions);
  const thread = new ThreadView(dom, session, { back });
  mountComposer(dom, session, { sent: () => thread.follow() });
  mountEmpty(store, actions);
  reopenOnce(store, actions);

  leave = () => {
    thread.unmount();
    unmount();
    session.stop();
    store.silence();
  };
  show("chat");
  session.start();
}

/// What to do while nothing is open.
function mountEmpty(store, actions) {
  const render = () => {
    const buttons = [...dom.contacts.querySelectorAll("[data-start]")];
    dom["empty-text"].textContent = buttons.length
      ? "Questions? Somebody is here to help."
      : store.conversations.size ? "Pick a conversation." : "Nobody has written yet. Open a second tab as a customer.";
    dom["empty-actions"].replaceChildren(...buttons.map(({ dataset: { start } }) => {
      const textContent = `Chat with ${store.nameOf(start)}`;
      const button = el("button", { type: "button", className: "primary", textContent });
      button.addEventListener("click", () => actions.start(start));
      return button;
    }));
  };
  for (const topic of ["conversations", "users", "connection"]) store.on(topic, render);
  render();
}

/// After a reload, goes back to where the tab was as soon as the list is there.
function reopenOnce(store, actions) {
  let wanted = place().conversation;
  store.on("conversations", () => {
    if (!wanted || !store.conversations.has(wanted)) return;
    const id = wanted;
    wanted = null;
    if (!store.thread) actions.open(id);
  });
}

function remember(store) {
  const hash = new URLSearchParams({ app: store.app, user: store.me.user });
  if (store.thread) hash.set("conversation", store.thread.conversation);
  history.replaceState(null, "", `#${hash}`);
}

// The page itself changes the address without this event: what comes here was asked for by the user.
window.addEventListener("hashchange", begin);
begin();
