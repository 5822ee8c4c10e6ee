// The phone page: its head, its box to write in, and what joins them to the line and to the screen.
// What was written lives in this page's memory alone and is gone after a reload.
"use strict";

(function () {
  const MOST = 50000; // characters of one message
  const NOTICE = 4000; // ms that a notice stands in the head
  const NEUTRAL = "https://www.wikipedia.org/"; // where a quick leave leads: a page that anybody may have open
  const at = (id) => document.getElementById(id);
  const log = at("log"), text = at("text");
  const touch = Boolean(window.matchMedia && matchMedia("(hover: none) and (pointer: coarse)").matches);

  let words = {}, language = "en", seen = 0, newest = 0, known = false, kept = [];
  const mine = new Map(); // key → own bubble
  const unwanted = new Set(); // own bubbles that are to be taken back once they have arrived

  const tongue = {
    code: () => language,
    side: (code) => (words[code] ? words[code].dir : ""),
    say: function (name, values) {
      const found = (words[language] && words[language][name]) || (words.en && words.en[name]) || "";
      return found.replace(/\{(\w+)\}/g, (whole, key) => (values && values[key] !== undefined ? values[key] : whole));
    },
  };
  const say = tongue.say;
  const screen = makeScreen(log, tongue, { press: press, asked: asked, take: take });
  const line = makeLine({ received: received, lost: lost, elsewhere: elsewhere, newest: () => newest });

  // --- what comes ---

  function received(frame) {
    if (frame.type === "room") enter(frame);
    else if (frame.type === "message") show(frame);
    else if (frame.type === "gone") screen.gone(frame.ids);
    else if (frame.type === "ack") acknowledged(frame);
  }

  function enter(room) {
    at("state").textContent = "";
    speak(room.language || language);
    if (!room.fresh) {
      room.entries.forEach((entry) => { newest = Math.max(newest, entry.id); });
      screen.enter(room.entries);
      offer(room.kept);
    }
    const first = room.fresh && !known && line.waiting.size === 0;
    known = true;
    waits(false);
    line.resendAll();
    if (first) {
      line.send({ type: "start" });
      screen.showTyping();
    }
  }

  function show(message) {
    if (message.language) speak(message.language);
    newest = Math.max(newest, message.id);
    screen.show(message);
    offer(message.kept);
  }

  /** Those of the own messages that can be taken back now. */
  function offer(ids) {
    kept = ids;
    screen.offer(ids);
  }

  /** A question has come. Where it offers answers the keyboard goes, so that all of it can be seen. */
  function asked(message, bubble, inLog) {
    seen = message.id;
    const focused = document.activeElement, group = bubble.querySelector(".choices");
    const telling = message.choices.length === 1 && touch; // "Done" below a story that goes on
    if (focused === text && !text.value && message.choices.length && !telling) {
      text.blur();
      group.focus({ preventScroll: true });
    } else if (inLog && focused === document.body) {
      group.focus({ preventScroll: true }); // no answer itself: a key that is pressed twice must not give one
    }
  }

  function acknowledged(frame) {
    if (frame.sent && frame.sent.type === "take") taken(screen.bubble(frame.sent.message), frame.notice);
    if (frame.notice && frame.sent && frame.sent.type === "press") refused(frame.sent, frame.notice);
    const bubble = mine.get(frame.key);
    if (!bubble) return;
    mine.delete(frame.key);
    bubble.dataset.id = frame.id;
    newest = Math.max(newest, frame.id);
    screen.mark(bubble, "saved");
    if (unwanted.delete(bubble)) line.send({ type: "take", message: frame.id });
    else screen.takeable(bubble, kept.indexOf(frame.id) >= 0);
  }

  /** Own words are taken back: where they never left, at once; else as soon as the bot has dropped them. */
  function take(bubble) {
    const key = Array.from(mine.keys()).filter((each) => mine.get(each) === bubble)[0];
    if (key && line.cancel(key)) {
      mine.delete(key);
      taken(bubble, "");
      return;
    }
    if (key) unwanted.add(bubble);
    else line.send({ type: "take", message: Number(bubble.dataset.id) });
    screen.taking(bubble, !line.isOpen());
    if (line.isOpen()) line.ping();
  }

  function taken(bubble, notice) {
    if (bubble && notice) screen.takeable(bubble, false);
    else if (bubble) screen.drop(bubble);
    note(notice || say("page_taken"));
  }

  /** Said in the head for a moment. */
  function note(words) {
    at("state").textContent = words;
    setTimeout(() => {
      if (at("state").textContent === words) at("state").textContent = line.isOpen() ? "" : say("page_offline");
    }, NOTICE);
  }

  /** It was pressed too early to count: it can be pressed again, and the head says why for a moment. */
  function refused(press, notice) {
    const node = screen.button(press.message, press.data);
    if (node) screen.unpressed(node);
    screen.hideTyping();
    note(notice);
  }

  function lost() {
    at("state").textContent = say("page_offline");
    screen.hideTyping();
    waits(true);
  }

  /** What was typed or pressed and nobody has taken yet says so, in its place. */
  function waits(offline) {
    line.waiting.forEach((frame, key) => {
      if (mine.has(key)) screen.mark(mine.get(key), offline ? "waits" : "sent");
      const button = frame.type === "press" && screen.button(frame.message, frame.data);
      if (button) screen.pressed(button, offline);
      const taking = frame.type === "take" && screen.bubble(frame.message);
      if (taking) screen.taking(taking, offline);
    });
    unwanted.forEach((bubble) => screen.taking(bubble, offline));
  }

  function elsewhere() {
    at("elsewhere").hidden = false;
    at("composer").hidden = true;
  }

  function here() {
    at("elsewhere").hidden = true;
    at("composer").hidden = false;
    line.connect();
  }

  // --- what is sent ---

  function sent() {
    if (line.isOpen()) {
      screen.showTyping();
      line.ping();
    } else {
      waits(true);
    }
  }

  function press(id, data, button) {
    line.send({ type: "press", data: data, message: id });
    screen.pressed(button, false);
    sent();
  }

  function tell(sentence, shown) {
    mine.set(line.send({ type: "say", text: sentence, seen: shown ? 0 : seen }), screen.own(shown || sentence, "typed", !shown));
    sent();
  }

  function write() {
    const typed = text.value;
    if (!typed.trim()) return;
    if (typed.length > MOST) {
      at("state").textContent = say("page_long");
      return;
    }
    if (line.isOpen()) at("state").textContent = "";
    text.value = "";
    grow();
    tell(typed, "");
  }

  /** The word that works everywhere, whatever stands on the screen. */
  function danger() {
    if (!at("elsewhere").hidden) here();
    tell("/danger", say("page_danger"));
  }

  /** Nothing of the talk stays in this tab, and "back" does not lead here. */
  function leave() {
    line.forget();
    mine.clear();
    unwanted.clear();
    screen.clear();
    text.value = "";
    document.title = "";
    location.replace(NEUTRAL);
  }

  // --- the head and the box ---

  function label(id, name) {
    at(id).textContent = say(name);
    at(id).hidden = !at(id).textContent;
  }

  function speak(code) {
    if (!words[code]) return;
    language = code;
    document.documentElement.lang = code;
    document.documentElement.dir = words[code].dir;
    document.title = at("title").textContent = say("page_title");
    label("danger", "page_danger");
    label("leave", "page_leave");
    at("leave").title = say("page_leave_says");
    text.placeholder = say("page_write");
    text.setAttribute("aria-label", say("page_write"));
    at("send").setAttribute("aria-label", say("page_send"));
    at("elsewhere").firstElementChild.textContent = say("page_elsewhere");
    at("elsewhere").lastElementChild.textContent = say("page_here");
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = text.scrollHeight + 2 + "px";
    screen.keep();
  }

  /** Where a browser lays its keyboard over the page, the page is as high as what is left. */
  function fit() {
    const view = window.visualViewport;
    const covered = view && view.scale === 1 && view.height < window.innerHeight - 40;
    at("phone").style.height = covered ? view.height + "px" : "";
    if (covered) window.scrollTo(0, 0);
    screen.keep();
  }

  at("danger").onclick = danger;
  at("leave").onclick = leave;
  at("composer").onsubmit = (event) => { event.preventDefault(); write(); };
  at("elsewhere").lastElementChild.onclick = here;
  text.oninput = grow;
  text.setAttribute("enterkeyhint", touch ? "enter" : "send");
  text.onkeydown = (event) => {
    if (touch || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    write();
  };
  // Who types goes on typing, wherever the focus went when the choices came.
  document.addEventListener("keydown", (event) => {
    const plain = event.key && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && log.contains(event.target) && event.target.tagName !== "A") text.focus();
  });
  // Whoever went to a button with the keyboard means that button, however new it is.
  document.addEventListener("keyup", (event) => {
    if (event.key === "Tab" && log.contains(document.activeElement)) document.activeElement.removeAttribute("aria-disabled");
  });
  window.addEventListener("resize", fit);
  if (window.visualViewport) visualViewport.addEventListener("resize", fit);
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- the beginning ---

  function begin(found) {
    words = found;
    const wanted = navigator.language || "", codes = Object.keys(words);
    const like = (length) => codes.filter((code) => code.split("-").slice(0, length).join("-") === wanted.split("-").slice(0, length).join("-"));
    speak(like(3)[0] || like(2)[0] || like(1)[0] || codes[0]);
    at("without").remove();
    line.connect();
  }

  function load() {
    const asking = new XMLHttpRequest();
    asking.open("GET", "words.json");
    asking.onload = () => begin(JSON.parse(asking.responseText));
    asking.onerror = () => setTimeout(load, 2000);
    asking.send();
  }

  load();
})();
