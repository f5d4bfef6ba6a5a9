// The emulator's page. The server draws; this puts what it draws in its place, and asks for what a person does.
"use strict";

const el = (id) => document.getElementById(id);
const find = el("find"), reads = el("reads"), talks = el("talks"), log = el("log"), exchanges = el("exchanges");
const MOST = 300; // messages in the page; those further up or down are fetched when they are scrolled to
const MOST_ROWS = 100;
let shown = ""; // the open conversation
let chat = null; // { first, last, count }: the positions drawn, and that of the conversation's last message
let source = null;
let fetching = false;

// What changes, live. A tab nobody looks at gives its connection back: a browser has six of them for one server.

function connect() {
  source?.close();
  const query = new URLSearchParams({ conversation: shown, find: find.value, reads: reads.checked ? "yes" : "no" });
  const mine = (source = new EventSource(`/_page/events?${query}`));
  mine.onopen = () => say("");
  mine.onmessage = (event) => draw(JSON.parse(event.data));
  mine.onerror = () => {
    say("The emulator does not answer. Trying again…");
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => mine === source && connect(), 1000);
  };
}

document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : connect()));

function say(text) {
  if (el("line").textContent !== text) el("line").textContent = text;
}

async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const said = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(said.message || said.error);
  say("");
  return said;
}

const wrong = (error) => say(error.message);

function draw(news) {
  if (news.talks) drawTalks(news.talks, news.total, news.everything);
  if (news.chat !== undefined) drawChat(news.chat, news.everything);
  if (news.everything) exchanges.replaceChildren();
  if (news.exchanges) drawExchanges(news.exchanges);
  if (news.faults !== undefined) drawFaults(news.faults);
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function drawTalks(rows, total, everything) {
  const focused = document.activeElement;
  const fresh = rows.map(made);
  if (everything) {
    const ids = new Set(fresh.map((row) => row.dataset.talk));
    for (const row of [...talks.children]) if (!ids.has(row.dataset.talk)) row.remove();
  }
  for (const row of fresh) {
    const old = talks.querySelector(`[data-talk="${CSS.escape(row.dataset.talk)}"]`);
    if (old) {
      old.dataset.at = row.dataset.at;
      old.firstElementChild.replaceChildren(...row.firstElementChild.childNodes);
    }
    const at = Number(row.dataset.at);
    const next = [...talks.children].find((each) => each !== old && Number(each.dataset.at) < at) ?? null;
    if (!old || old.nextElementSibling !== next) talks.insertBefore(old ?? row, next);
  }
  while (talks.children.length > MOST_ROWS) talks.lastElementChild.remove();
  if (talks.contains(focused)) focused.focus({ preventScroll: true });
  markTalk();
  const count = talks.children.length;
  el("rest").textContent = !total
    ? "No conversation yet. Start one, or let flowrunner send."
    : count < total ? `${count} of ${total.toLocaleString("en")} conversations. Find the others by name or number.` : "";
  if (everything && !shown && count && !find.value && matchMedia("(min-width: 48rem)").matches) {
    location.replace(talks.querySelector("a").getAttribute("href"));
  }
}

function markTalk() {
  for (const row of talks.children) {
    row.firstElementChild.ariaCurrent = row.dataset.talk === shown ? "page" : null;
  }
}

// The chat.

function drawChat(told, everything) {
  el("open").hidden = !told;
  el("choose").hidden = Boolean(told);
  el("choose").textContent = shown ? "This conversation does not exist." : "Choose a conversation.";
  if (!told) {
    chat = null;
    return log.replaceChildren();
  }
  if (told.head) drawHead(told.head);
  if (told.changed) update(told.changed, told.count);
  else if (chat && everything && isKnown(told.turns)) update(told.turns, told.count);
  else if (chat && everything && !atEnd()) chat.count = told.count; // who reads further up stays there
  else renew(told);
  drawEdges();
  drawCame();
}

/** Whether one of these messages is drawn already: a connection came back to the same chat. */
function isKnown(turns) {
  return turns.some(([position, html]) => html && drawn(position)?.dataset.wamid === made(html).dataset.wamid);
}

const drawn = (position) => log.querySelector(`[data-position="${position}"]`);

function update(turns, count) {
  const stick = atEnd();
  const attached = chat.last === chat.count && (stick || log.childElementCount < MOST);
  chat.count = count;
  if (attached) chat.last = count;
  for (const [position, html] of turns) place(position, html);
  if (stick && attached) toEnd();
}

function drawHead(html) {
  const focused = el("head").contains(document.activeElement);
  el("head").innerHTML = html;
  if (focused) (el("head").querySelector("button") ?? log).focus();
  const ended = Boolean(el("head").querySelector(".ended"));
  el("ended").hidden = !ended;
  const whom = el("head").querySelector("[data-whom]").dataset.whom;
  el("command").textContent = `KAPSO_API_KEY=any flowrunner run FLOW ${whom} --api-url ${location.origin}`;
}

function renew(told) {
  chat = { first: told.first, last: told.last, count: told.count };
  log.replaceChildren(...told.turns.filter(([, html]) => html).map(([, html]) => turn(html)));
  toEnd();
}

function turn(html) {
  const node = made(html);
  node.besides = besides(node);
  return node;
}

/** A message without its ticks: what a status cannot change. */
function besides(node) {
  const copy = node.cloneNode(true);
  copy.querySelector(".ticks")?.remove();
  return copy.innerHTML;
}

function place(position, html) {
  const old = drawn(position);
  if (!html) return old?.remove();
  const fresh = turn(html);
  if (old && old.besides === fresh.besides) {
    return old.querySelector(".ticks")?.replaceWith(...fresh.querySelectorAll(".ticks"));
  }
  if (old) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (focused) fresh.querySelector("[data-deed]")?.focus();
    return;
  }
  if (position < chat.first || position > chat.last) return;
  let next = null;
  for (let each = log.lastElementChild; each && Number(each.dataset.position) > position; each = each.previousElementSibling) next = each;
  log.insertBefore(fresh, next);
}

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;

function toEnd() {
  trim(true);
  log.scrollTop = log.scrollHeight;
}

/** Let go of messages that are too many. */
function trim(above) {
  if (log.childElementCount <= MOST) return;
  while (log.childElementCount > MOST) (above ? log.firstElementChild : log.lastElementChild).remove();
  if (above) chat.first = Number(log.firstElementChild.dataset.position);
  else chat.last = Number(log.lastElementChild.dataset.position);
}

/** The first message of each day shows the day above it. */
function drawDays() {
  let day = "";
  for (const each of log.children) {
    each.toggleAttribute("data-first", each.dataset.day !== day);
    day = each.dataset.day;
  }
}

function drawEdges() {
  drawDays();
  el("empty").hidden = chat.count > 0;
  el("newest").hidden = chat.last >= chat.count && atEnd();
}

/** Fetch the messages before the first or after the last of those drawn, and let go of as many at the other end. */
async function more(upwards) {
  if (fetching || !chat || (upwards ? chat.first <= 1 : chat.last >= chat.count)) return;
  fetching = true;
  try {
    const here = shown;
    const edge = upwards ? { before: chat.first } : { after: chat.last };
    const told = await ask("GET", `/_page/turns?${new URLSearchParams({ conversation: here, ...edge })}`);
    if (here !== shown || !chat) return;
    const nodes = told.turns.filter(([, html]) => html).map(([, html]) => turn(html));
    log.ariaLive = "off"; // these are not new
    const below = log.scrollHeight - log.scrollTop;
    chat.count = Math.max(chat.count, told.count);
    if (upwards) {
      log.prepend(...nodes);
      log.scrollTop = log.scrollHeight - below;
      chat.first = told.first;
      trim(false);
    } else {
      log.append(...nodes);
      chat.last = told.last;
      const height = log.scrollHeight;
      trim(true);
      log.scrollTop -= height - log.scrollHeight;
    }
    drawEdges();
  } catch (error) {
    wrong(error);
  } finally {
    fetching = false;
    setTimeout(() => (log.ariaLive = null), 500);
  }
}

// Who reads the end still does when the window changes its size, or a phone's keyboard opens.
let away = false;
new ResizeObserver(() => away || (log.scrollTop = log.scrollHeight)).observe(log);

log.addEventListener("scroll", () => {
  away = !atEnd();
  if (!chat) return;
  if (log.scrollTop < 300) more(true);
  else if (log.scrollHeight - log.scrollTop - log.clientHeight < 300) more(false);
  drawEdges();
});

el("newest").addEventListener("click", () => newest().catch(wrong));

async function newest() {
  const here = shown;
  if (chat.last < chat.count) {
    const told = await ask("GET", `/_page/turns?${new URLSearchParams({ conversation: here })}`);
    if (here !== shown) return;
    renew(told);
  }
  toEnd();
  drawEdges();
  log.focus();
}

// Requests and faults.

function drawExchanges(rows) {
  for (const [number, html] of rows.sort(([one], [other]) => one - other)) {
    const old = exchanges.querySelector(`[data-exchange="${number}"]`);
    const row = made(html);
    if (old) old.firstElementChild.replaceChildren(...row.firstElementChild.childNodes);
    else exchanges.prepend(row);
  }
  while (exchanges.children.length > MOST_ROWS) exchanges.lastElementChild.remove();
  el("silence").hidden = exchanges.children.length > 0;
}

function drawFaults(html) {
  el("fault-list").innerHTML = html;
  const active = el("fault-list").querySelectorAll(".active").length;
  el("behaves").hidden = el("fault-list").children.length > 0;
  el("behave").hidden = !el("behaves").hidden;
  el("active").hidden = !active;
  el("active").textContent = active;
}
