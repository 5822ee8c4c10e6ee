// The phone page. It numbers what is sent and sends it again until it is acknowledged after the commit.
// Its token lives in sessionStorage; what was written lives in this page's memory alone and is gone after a reload.

const PATIENCE = 15_000; // ms that an answer is shown as coming
const FIRST_WAIT = 400, LONGEST_WAIT = 10_000; // ms between two tries to connect
const MOST = 50_000; // characters of one message
const UNREAD = 600, UNREAD_CONSENT = 1_200; // ms that new choices take no press: nobody has read them yet
const NOTICE = 4_000; // ms that a notice stands there

const at = (id) => document.getElementById(id);
const log = at("log"), text = at("text");
const make = (name, classes = "", words = "") => {
  const node = document.createElement(name);
  if (classes) node.className = classes;
  node.textContent = words;
  return node;
};
const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");

let words = {}, language = "en";
const say = (name, values = {}) =>
  (words[language]?.[name] ?? words.en?.[name] ?? "").replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

// --- what is sent ---

const token = sessionStorage.getItem("token") ?? random(16);
sessionStorage.setItem("token", token);
let count = 0, seen = 0, newest = 0, socket = null, wait = FIRST_WAIT, elsewhere = false, known = false;
const waiting = new Map(); // key → frame, in the order of their numbers
const mine = new Map(); // key → bubble
const pressed = new Map(); // key → button

function send(frame) {
  const key = `${++count}-${random(8)}`;
  waiting.set(key, { ...frame, key });
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(waiting.get(key)));
  if (frame.type !== "start") showTyping();
  return key;
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/talk`);
  socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token, language: navigator.language, seen: newest }));
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onclose = () => {
    if (elsewhere) return;
    at("state").textContent = say("page_offline");
    setTimeout(connect, wait * (0.7 + Math.random() * 0.6));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

// --- what comes ---

function receive(message) {
  switch (message.type) {
    case "room": return enter(message);
    case "message": return show(message);
    case "gone": return message.ids.forEach((id) => bubbleOf(id)?.remove());
    case "ack": return acknowledged(message);
    case "later": return setTimeout(() => resend(message.key), 2_000);
    case "elsewhere": return moved();
  }
}

function enter(room) {
  wait = FIRST_WAIT;
  at("state").textContent = "";
  speak(room.language || language);
  if (!room.fresh) {
    // What stands there now; own words that this page still remembers stay readable.
    const remembered = new Map([...log.querySelectorAll(".own[data-id]")].map((b) => [b.dataset.id, b]));
    const unsent = [...log.querySelectorAll(".own:not([data-id])")];
    log.replaceChildren();
    for (const entry of room.entries) {
      const own = entry.own && remembered.get(String(entry.id));
      if (own) log.append(own);
      else show(entry);
    }
    log.append(...unsent);
  }
  const first = room.fresh && !known && waiting.size === 0;
  known = true;
  for (const key of waiting.keys()) resend(key);
  if (first) send({ type: "start" });
}

function resend(key) {
  if (waiting.has(key) && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(waiting.get(key)));
}

function acknowledged({ key, id, notice }) {
  waiting.delete(key);
  if (notice) refused(pressed.get(key), notice);
  pressed.delete(key);
  const bubble = mine.get(key);
  if (!bubble) return;
  bubble.dataset.id = id;
  newest = Math.max(newest, id);
  mark(bubble, "✓✓", "page_saved");
  mine.delete(key);
}

/** It was pressed too early to count: it can be pressed again, and says why. */
function refused(button, notice) {
  hideTyping();
  const bubble = button?.closest(".bubble");
  if (bubble) delete bubble.dataset.picked;
  button?.classList.remove("waits");
  at("state").textContent = notice;
  setTimeout(() => { if (at("state").textContent === notice) at("state").textContent = ""; }, NOTICE);
}

function moved() {
  elsewhere = true;
  socket.close();
  at("elsewhere").hidden = false;
  at("composer").hidden = true;
}

// --- what stands there ---

const bubbleOf = (id) => log.querySelector(`[data-id="${id}"]`);

function show(message) {
  if (message.language) speak(message.language);
  newest = Math.max(newest, message.id);
  const bubble = message.own ? locked(message) : spoken(message);
  bubble.dataset.id = message.id;
  const before = bubbleOf(message.id);
  const inLog = log.contains(document.activeElement) && document.activeElement !== log;
  const hadFocus = before?.contains(document.activeElement) && document.activeElement.dataset.data;
  if (before) before.replaceWith(bubble);
  else log.append(bubble);
  if (message.own) return;
  if (!sameQuestion(before, bubble)) rest(bubble, message.consent ? UNREAD_CONSENT : UNREAD);
  hideTyping();
  if (offers(message)) {
    collapse(bubble);
    if (inLog && document.activeElement === document.body) bubble.querySelector("button").focus({ preventScroll: true });
    seen = message.id;
  }
  if (hadFocus) refocus(bubble, hadFocus);
  if (!before) log.scrollTop = log.scrollHeight;
}

const question = (bubble) => bubble?.querySelector(".choices button")?.dataset.data.split(":")[0];
const sameQuestion = (before, bubble) => question(before) !== undefined && question(before) === question(bubble);

/** New choices take no press for a moment: a second tap of the same thumb was meant for what stood there before. */
function rest(bubble, ms) {
  const fresh = [...bubble.querySelectorAll(".choices button:not(.small)")];
  for (const button of fresh) button.setAttribute("aria-disabled", "true");
  setTimeout(() => fresh.forEach((button) => button.removeAttribute("aria-disabled")), ms);
}

function spoken(message) {
  const bubble = frame("", "page_bot", message.at);
  const code = message.language in words ? message.language : "";
  for (const part of message.paragraphs) {
    const paragraph = sided(make("p", "", part), code);
    if (code) paragraph.lang = code;
    put(bubble, paragraph);
  }
  if (offers(message)) bubble.append(choices(message));
  if (message.picked && !offers(message)) bubble.append(picked(message.picked));
  return bubble;
}

const offers = (message) => message.choices.length + message.extras.length > 0;

/** The bot's words stand on their language's side, whatever they begin with: a name, a number, a value set apart. */
function sided(node, code) {
  node.dir = words[code]?.dir ?? "auto";
  return node;
}

function locked(message) {
  const bubble = frame("own", "page_you", message.at);
  put(bubble, make("p", "locked", say("page_locked")));
  mark(bubble, "✓✓", "page_saved");
  return bubble;
}

function frame(kind, who, seconds) {
  const bubble = make("div", `bubble ${kind}`.trim());
  const said = make("div", "said");
  said.append(make("span", "unseen", say(who)));
  const meta = make("div", "meta");
  const moment = new Date(seconds * 1000);
  const time = make("time", "", moment.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = moment.toISOString();
  meta.append(time);
  said.append(meta);
  bubble.append(said);
  return bubble;
}

const put = (bubble, ...paragraphs) => bubble.querySelector(".meta").before(...paragraphs);

function mark(bubble, sign, name) {
  bubble.querySelector(".mark")?.remove();
  const shown = make("span", "mark");
  const visible = make("span", "", sign);
  visible.setAttribute("aria-hidden", "true");
  shown.append(visible, make("span", "unseen", say(name)));
  bubble.querySelector(".meta").append(shown);
}

function choices(message) {
  const group = make("div", "choices");
  group.setAttribute("role", "group");
  for (const choice of message.choices) group.append(button(message, choice, ""));
  for (const extra of message.extras) group.append(button(message, extra, "small"));
  return group;
}

function button(message, { label, data, chosen }, kind) {
  const node = sided(make("button", kind), message.language);
  node.type = "button";
  node.dataset.data = data;
  if (chosen) {
    const tick = make("span", "", "✓ ");
    tick.setAttribute("aria-hidden", "true");
    node.append(tick);
    node.setAttribute("aria-pressed", "true");
  }
  node.append(label);
  node.onclick = () => press(message.id, data, label, node);
  return node;
}

function press(id, data, label, button) {
  if (button.classList.contains("waits") || button.getAttribute("aria-disabled") === "true") return;
  button.classList.add("waits");
  bubbleOf(id).dataset.picked = label;
  pressed.set(send({ type: "press", data, message: id }), button);
}

/** A newer question stands there: of older ones only what was chosen stays. */
function collapse(newest) {
  for (const bubble of log.querySelectorAll(".bubble:has(.choices)")) {
    if (bubble === newest) continue;
    bubble.querySelector(".choices").remove();
    if (bubble.dataset.picked) bubble.append(picked(bubble.dataset.picked));
  }
}

function picked(label) {
  const node = make("p", "picked");
  node.dir = "auto";
  const hidden = make("span", "unseen", say("page_picked", { label }));
  const visible = make("span", "", label);
  visible.setAttribute("aria-hidden", "true");
  node.append(hidden, visible);
  return node;
}

function refocus(bubble, data) {
  const code = data.split(":")[1]?.replace(/^[+-]/, "");
  const same = [...bubble.querySelectorAll("button")].find((b) => b.dataset.data.endsWith(code));
  (same ?? bubble.querySelector("button"))?.focus({ preventScroll: true });
}

let patience = 0;
function showTyping() {
  hideTyping();
  const bubble = make("div", "bubble typing");
  const said = make("div", "said");
  said.append(make("span", "unseen", say("page_typing")), make("i"), make("i"), make("i"));
  bubble.append(said);
  log.append(bubble);
  log.scrollTop = log.scrollHeight;
  patience = setTimeout(hideTyping, PATIENCE);
}
function hideTyping() {
  clearTimeout(patience);
  log.querySelector(".typing")?.remove();
}

// --- the composer ---

function speak(code) {
  if (!words[code]) return;
  language = code;
  document.documentElement.lang = code;
  document.documentElement.dir = words[code].dir;
  document.title = at("title").textContent = say("page_title");
  text.placeholder = say("page_write");
  text.setAttribute("aria-label", say("page_write"));
  at("send").setAttribute("aria-label", say("page_send"));
  at("elsewhere").firstElementChild.textContent = say("page_elsewhere");
  at("elsewhere").lastElementChild.textContent = say("page_here");
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

function write() {
  const typed = text.value;
  if (!typed.trim()) return;
  if (typed.length > MOST) {
    at("state").textContent = say("page_long");
    return;
  }
  at("state").textContent = "";
  const bubble = frame("own", "page_you", Date.now() / 1000);
  put(bubble, make("p", "typed", typed));
  mark(bubble, "✓", "page_sent");
  log.append(bubble);
  mine.set(send({ type: "say", text: typed, seen }), bubble);
  text.value = "";
  grow();
}

at("composer").onsubmit = (event) => { event.preventDefault(); write(); };
text.oninput = grow;
text.onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); write(); }
};
at("elsewhere").lastElementChild.onclick = () => {
  elsewhere = false;
  at("elsewhere").hidden = true;
  at("composer").hidden = false;
  connect();
};

words = await (await fetch("words.json")).json();
speak(Object.keys(words).find((code) => navigator.language.startsWith(code)) ?? Object.keys(words)[0]);
connect();
