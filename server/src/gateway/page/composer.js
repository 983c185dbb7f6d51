// Writing: the text field, and the sheet for every other kind the page can send.

import { el, icon } from "./dom.js";
import { KINDS } from "./kinds.js";
import { mountCommands } from "./slash.js";

/// Binds the composer; `sent()` is called after something was handed to the outbox.
export function mountComposer(dom, session, { sent }) {
  const { text, send, composer, attach } = dom;
  send.replaceChildren(icon("send"));
  attach.replaceChildren(icon("attach"));

  const grow = () => {
    send.disabled = text.value.trim() === "";
    // Empty, or not on screen yet: one row, as the sheet has it.
    text.style.height = "";
    const borders = text.offsetHeight - text.clientHeight;
    if (text.value !== "") text.style.height = `${text.scrollHeight + borders}px`;
  };
  const commands = mountCommands(dom, session, { changed: grow });
  const submit = () => {
    const words = text.value.trim();
    if (words === "") return;
    session.send("text", { text: words });
    text.value = "";
    grow();
    commands.close();
    sent();
  };
  text.oninput = () => {
    grow();
    commands.update();
    // Who types a command says nothing yet.
    session.typing(text.value !== "" && !text.value.startsWith("/"));
  };
  text.onblur = () => {
    session.typing(false);
    commands.close();
  };
  text.onkeydown = (event) => {
    if (commands.key(event)) return;
    // Enter that ends the composition of a character is not Enter that sends.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  composer.onsubmit = (event) => {
    event.preventDefault();
    submit();
    text.focus();
  };
  attach.onclick = () => openSheet(dom, (kind, body) => {
    session.send(kind, body);
    sent();
  });
  text.value = "";
  grow();
}

function openSheet(dom, send) {
  const sendable = Object.entries(KINDS).filter(([, kind]) => kind.fields);
  let chosen = sendable[0][0];
  const choose = (name) => {
    chosen = name;
    for (const button of dom["sheet-kinds"].children) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === name));
    }
    dom["sheet-fields"].replaceChildren(...KINDS[name].fields.map(input));
  };
  dom["sheet-kinds"].replaceChildren(...sendable.map(([name, kind]) => {
    const properties = { type: "button", className: "kind", data: { kind: name } };
    const button = el("button", properties, icon(kind.icon), kind.label);
    button.addEventListener("click", () => choose(name));
    return button;
  }));
  choose(chosen);
  dom["sheet-cancel"].onclick = () => dom.sheet.close();
  dom["sheet-form"].onsubmit = () => send(chosen, bodyOf(KINDS[chosen].fields, dom["sheet-form"].elements));
  dom.sheet.showModal();
}

function input({ name, label, type, required }) {
  const step = type === "number" ? "any" : undefined;
  const field = el("input", { name: `field-${name}`, type, required, step });
  return el("label", {}, el("span", { textContent: required ? label : `${label} (optional)` }), field);
}

function bodyOf(fields, elements) {
  const body = {};
  for (const { name, type } of fields) {
    const value = elements[`field-${name}`].value.trim();
    if (value !== "") body[name] = type === "number" ? Number(value) : value;
  }
  return body;
}
