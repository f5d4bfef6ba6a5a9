// What a person does on the page: everything goes through the emulator's own routes, as a program's requests do.
"use strict";

let reactingTo = ""; // WhatsApp's id of a message
let answering = ""; // that of the message whose form is filled in, or which asks for a place
let about = null; // { deed, wamid }: the message that is replied to, or edited, by what is written next

const talkPath = (rest) => `/_emulator/conversations/${encodeURIComponent(shown)}/${rest}`;

/** Send a message as the customer; it may open a conversation of its own, which is then shown. */
async function answerWith(message) {
  const here = shown; // who goes on to another chat meanwhile stays there
  const quoted = about?.deed === "reply" && !message.context && message.message_type !== "reaction";
  const { data } = await ask("POST", talkPath("inbound"), { ...message, ...(quoted && { context: { id: about.wamid } }) });
  if (here !== shown) return;
  if (quoted) writeAbout(null);
  if (data.conversation_id !== shown) location.hash = encodeURIComponent(data.conversation_id);
  else if (chat) log.scrollTop = log.scrollHeight;
}

const drafts = new Map(); // conversation -> what was typed and not sent: nobody gets what was meant for another

/** What is written next replies to a message, or edits it; null for neither. */
function writeAbout(next, words = "") {
  const field = el("composer").elements.content;
  if (about?.deed === "edit" || next?.deed === "edit") field.value = next?.deed === "edit" ? words : "";
  about = next;
  el("about").hidden = !next;
  el("about").firstElementChild.textContent = next ? `${next.deed === "edit" ? "Editing" : "Replying to"}: ${words}` : "";
}

function open() {
  const field = el("composer").elements.content;
  writeAbout(null);
  drafts.set(shown, field.value);
  try {
    shown = decodeURIComponent(location.hash.slice(1));
  } catch {
    shown = "";
  }
  field.value = drafts.get(shown) ?? "";
  document.body.dataset.view = shown ? "chat" : "list";
  chat = null;
  log.replaceChildren();
  markTalk();
  connect();
}

/** What has the focus in a chat: where one writes; the messages, where nobody can. */
const ofChat = () => ("played" in document.body.dataset ? log : el("composer").elements.content);

addEventListener("hashchange", () => {
  open();
  // A phone would open its keyboard.
  const chatFocus = matchMedia("(hover: hover)").matches ? ofChat() : log;
  (shown ? chatFocus : find).focus({ preventScroll: true });
});

let typing = 0;
find.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(connect, 200);
});
reads.addEventListener("change", connect);

talks.addEventListener("keydown", (event) => {
  const row = event.target.closest("li");
  const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
  if (!next) return;
  event.preventDefault();
  next.firstElementChild.focus();
});

el("skip").addEventListener("click", () => (shown ? ofChat() : find).focus());

// The customer's answers.

el("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.content;
  const content = field.value.trim();
  if (!content) return;
  field.value = "";
  try {
    if (about?.deed === "edit") {
      await answerWith({ message_type: "edit", original_message_id: about.wamid, content });
      writeAbout(null);
    } else await answerWith({ content });
  } catch (error) {
    field.value = content;
    wrong(error);
  }
});

el("drop").addEventListener("click", () => {
  writeAbout(null);
  el("composer").elements.content.focus();
});

el("composer").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && about) return writeAbout(null);
  if (event.target.name !== "content" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  el("composer").requestSubmit();
});

log.addEventListener("click", (event) => {
  const wamid = event.target.closest("[data-wamid]")?.dataset.wamid;
  const reply = event.target.closest("[data-reply-kind]");
  if (reply) {
    if (event.detail > 1) return; // the second click of a double one
    reply.closest("details")?.removeAttribute("open");
    answering = wamid;
    press(reply.dataset);
  } else {
    const deed = event.target.closest("[data-deed]");
    if (deed) act(deed.dataset.deed, wamid, deed.closest(".turn"));
  }
});

/** Do something with a message: react to it, reply to it; with one of the customer's own, edit or delete it. */
function act(deed, wamid, turn) {
  if (deed === "react") {
    reactingTo = wamid;
    return show("react");
  }
  if (deed === "revoke") return answerWith({ message_type: "revoke", original_message_id: wamid }).catch(wrong);
  writeAbout({ deed, wamid }, turn.dataset.words);
  el("composer").elements.content.focus();
}

/** Press what a message offers; what is asked for more than a press opens a form. */
function press({ replyKind, replyId, replyTitle, replyDescription }) {
  const context = { id: answering };
  if (replyKind === "nfm_reply") return show("fill");
  if (replyKind === "location") return show("place");
  if (replyKind === "contacts") return show("card");
  const said = { id: replyId, title: replyTitle, ...(replyDescription && { description: replyDescription }) };
  const answer = replyKind === "button"
    ? { message_type: "button", button: { text: replyTitle, payload: replyId || replyTitle }, context }
    : { message_type: "interactive", [replyKind]: said, context };
  answerWith(answer).catch(wrong);
}

// A list that opens below the edge is brought into sight.
log.addEventListener("toggle", (event) => event.target.scrollIntoView({ block: "nearest" }), true);

el("head").addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "end") ask("POST", talkPath("end")).catch(wrong);
  else if (act) ask("POST", talkPath("window"), { open: act === "open" }).catch(wrong);
});

// Dialogs: each form says what it does when it is sent; what goes wrong is said in the dialog.

function show(name) {
  const dialog = el(name);
  dialog.querySelector("form")?.reset();
  const error = dialog.querySelector(".error");
  if (error) error.textContent = "";
  if (name === "faults") chooseFault();
  if (name === "card") nameOneself(dialog.querySelector("form").elements);
  dialog.showModal();
}

/** The customer's own card, as far as the chat's head knows it. */
function nameOneself({ name, phone }) {
  const [called, number] = [el("head").querySelector("h2"), el("head").querySelector("[data-whom]").dataset.whom];
  name.value = called.textContent;
  phone.value = number.startsWith("--phone ") ? number.slice(8) : "";
}

const deeds = {
  async new({ person, contact_name, window_open }) {
    const who = /^[A-Z]{2}\./.test(person) ? { user_id: person } : { phone_number: person };
    const { data } = await ask("POST", "/_emulator/conversations", { ...who, contact_name, window_open: Boolean(window_open), reuse: true });
    location.hash = encodeURIComponent(data.id);
  },
  async media({ message_type, media_url, file, caption }) {
    const filename = file.name;
    if (!media_url && !filename) throw new Error("Give an address or choose a file.");
    const words = caption && message_type !== "audio" && { caption };
    const picked = filename && !media_url && { filename, ...(file.type && { mime_type: file.type }) };
    await answerWith({ message_type, ...(media_url && { media_url }), ...picked, ...words });
  },
  async fill({ answers }) {
    try {
      JSON.parse(answers);
    } catch {
      throw new Error("The answers are not JSON.");
    }
    const said = { name: "flow", body: "Sent", response_json: answers };
    await answerWith({ message_type: "interactive", nfm_reply: said, context: { id: answering } });
  },
  async place({ latitude, longitude }) {
    const said = { message_type: "location", latitude: Number(latitude), longitude: Number(longitude) };
    await answerWith({ ...said, ...(answering && { context: { id: answering } }) });
  },
  async card({ name, phone }) {
    const phones = [{ phone, type: "CELL", wa_id: phone.replace(/\D/g, "") }];
    const contacts = [{ name: { formatted_name: name, first_name: name }, phones }];
    await answerWith({ message_type: "contacts", contacts, context: { id: answering } });
  },
  async react({ emoji }) {
    await answerWith({ message_type: "reaction", reacted_to_message_id: reactingTo, reaction_emoji: emoji.trim() });
  },
  async faults(fields) {
    const fault = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
    await ask("POST", "/_emulator/faults", { fault });
    show("faults");
    return "stay";
  },
  async clear() {
    await ask("POST", "/_emulator/reset");
    location.hash = "";
  },
};

let sending = false;

async function send(dialog, fields) {
  if (sending) return; // a second press of the button
  sending = true;
  try {
    if ((await deeds[dialog.id](fields)) !== "stay") dialog.close();
  } catch (error) {
    dialog.querySelector(".error").textContent = error.message;
  } finally {
    sending = false;
  }
}

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    send(dialog, Object.fromEntries(new FormData(event.target)));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) dialog.close();
  });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (!opener) return;
  answering = "";
  show(opener.dataset.open);
});

el("react").addEventListener("click", (event) => {
  const choice = event.target.closest("[data-emoji]");
  if (choice) send(el("react"), { emoji: choice.dataset.emoji });
});

function chooseFault() {
  const kind = el("faults").querySelector("[name=kind]").value;
  for (const set of el("faults").querySelectorAll("[data-kind]")) {
    set.hidden = set.disabled = set.dataset.kind !== kind;
  }
}

el("faults").querySelector("[name=kind]").addEventListener("change", chooseFault);
el("behave").addEventListener("click", () => ask("DELETE", "/_emulator/faults").catch(wrong));
el("fault-list").addEventListener("click", (event) => {
  const kind = event.target.dataset.clear;
  if (kind) ask("DELETE", `/_emulator/faults/${kind}`).then(() => el("faults").querySelector("[name=kind]").focus(), wrong);
});

// Requests.

function showRequests(visible) {
  el("requests").hidden = !visible;
  el("toggle").ariaExpanded = String(visible);
  (visible ? el("shut") : el("toggle")).focus();
}

el("toggle").addEventListener("click", () => showRequests(el("requests").hidden));
el("shut").addEventListener("click", () => showRequests(false));
el("requests").addEventListener("keydown", (event) => event.key === "Escape" && showRequests(false));

exchanges.addEventListener("click", (event) => {
  const row = event.target.closest("[data-exchange]");
  if (!row) return;
  ask("GET", `/_page/exchanges/${row.dataset.exchange}`).then(({ html }) => {
    el("detail").innerHTML = html;
    el("exchange").showModal();
  }, wrong);
});

// The last line of the last script: what is told from now on is drawn by functions of all of them.
open();
