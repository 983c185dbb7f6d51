// Commands: what the composer offers while a text begins with a slash.

import { el } from "./dom.js";

/// A pause in typing, after which the server is asked what arguments might become.
const PAUSE = 150;
const SHOWN = 8;

/// Binds the list above the text field. Answers `{update(), key(event), close()}`: `key` says whether it took the key.
export function mountCommands(dom, session, { changed }) {
  const { text, commands: list } = dom;
  let offers = [];
  let chosen = 0;
  let timer = 0;
  /// What belongs to the conversation that is open.
  let known = { conversation: null, commands: [] };

  const show = (found) => {
    offers = found.slice(0, SHOWN);
    chosen = 0;
    render();
  };
  const render = () => {
    list.hidden = offers.length === 0;
    list.replaceChildren(...offers.map((offer, at) => {
      const selected = String(at === chosen);
      const item = el("li", { role: "option", aria: { selected } },
        el("b", { textContent: offer.label }), el("span", { className: "dim", textContent: ` ${offer.summary}` }));
      // Before the field loses the focus.
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(offer);
      });
      return item;
    }));
  };
  const take = (offer) => {
    text.value = offer.text;
    show([]);
    changed();
    update();
  };
  const commandsHere = async (conversation) => {
    if (known.conversation !== conversation) {
      const { commands } = await session.request("command.list", { conversation });
      known = { conversation, commands };
    }
    return known.commands;
  };
  const find = async (typed, conversation) => {
    const commands = await commandsHere(conversation);
    const [, name, gap, rest] = /^\/(\S*)(\s?)([^]*)$/.exec(typed);
    if (!gap) {
      return commands.filter((command) => command.name.startsWith(name)).map((command) => ({
        label: `/${command.name} ${command.usage}`, summary: command.summary, text: `/${command.name} `,
      }));
    }
    if (!commands.some((command) => command.name === name)) return [];
    const { suggestions } = await session.request("command.complete", { conversation, name, arguments: rest });
    return suggestions.filter(({ value }) => value !== rest).map(({ value, summary }) => ({
      label: value, summary, text: `/${name} ${value}`,
    }));
  };
  const update = () => {
    clearTimeout(timer);
    const typed = text.value;
    const conversation = session.store.thread?.conversation;
    if (!conversation || !typed.startsWith("/") || typed.startsWith("//")) return show([]);
    timer = setTimeout(async () => {
      const found = await find(typed, conversation).catch(() => []);
      if (text.value === typed) show(found);
    }, PAUSE);
  };
  const key = (event) => {
    if (offers.length === 0 || event.isComposing) return false;
    if (event.key === "Tab") take(offers[chosen]);
    else if (event.key === "Escape") show([]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length;
      render();
    } else return false;
    event.preventDefault();
    return true;
  };
  return { update, key, close: () => show([]) };
}
