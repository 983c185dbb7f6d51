// The first screen: the demo apps and who one can be in each.

import { avatar, el } from "./dom.js";

const ROLE_WORDS = { agent: "answers customers", customer: "asks for help" };

/// Shows the apps. Each user is a plain link, so that a second tab is a middle click away.
export function showPicker(root, apps) {
  root.replaceChildren();
  if (apps.length === 0) {
    root.append(el("p", { textContent: "No app is marked as demo in the configuration." }));
  }
  for (const { app, name, users } of apps) {
    const list = el("ul");
    for (const user of users) list.append(el("li", {}, choice(app, user)));
    const title = el("h2", {}, name, el("span", { className: "dim", textContent: ` ${app}` }));
    root.append(el("section", { className: "app" }, title, list));
  }
}

function choice(app, { user, nickname, avatar: picture, role }) {
  const name = nickname || user;
  const words = el("span", { className: "tile-words" }, el("strong", { textContent: name }));
  words.append(el("span", { className: "dim", textContent: [role, ROLE_WORDS[role]].filter(Boolean).join(" · ") }));
  const href = `#${new URLSearchParams({ app, user })}`;
  const link = el("a", { className: "choice", href, data: { app, user } }, avatar(name, picture), words);
  const beside = el("a", { className: "beside", href, target: "_blank", rel: "noopener", textContent: "new tab" });
  beside.setAttribute("aria-label", `Be ${name} in a new tab`);
  const row = document.createDocumentFragment();
  row.append(link, beside);
  return row;
}
