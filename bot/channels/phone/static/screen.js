// What stands on the page: both sides' messages, and the choices of the newest question.
"use strict";

var makeScreen = (function () {
  const PATIENCE = 15000; // ms that an answer is shown as coming
  const READ_CONSENT = 1200; // ms, where they bind: the bot counts none before a second either
  const READ_FIRST = 600; // ms in which choices that have just come take no press: it was meant for what stood there
  const SIGNS = { sent: "✓", saved: "✓✓", waits: "🕓" };

  function make(name, classes, words) {
    const node = document.createElement(name);
    if (classes) node.className = classes;
    if (words) node.textContent = words;
    return node;
  }

  function unseen(words) {
    return make("span", "unseen", words);
  }

  function shownOnly(words) {
    const node = make("span", "", words);
    node.setAttribute("aria-hidden", "true");
    return node;
  }

  const all = (node, query) => Array.from(node.querySelectorAll(query));
  const offers = (message) => message.choices.length + message.extras.length > 0;
  const code = (data) => data.slice(data.indexOf(":") + 1).replace(/^[+-]/, "");
  const isDanger = (extra) => code(extra.data) === "~danger"; // it stands in the head, always

  /** `log` holds it; `tongue` has the page's sentences; `on.press(message id, data, button)`, `on.asked()`,
   *  `on.take(own bubble)`. */
  return function (log, tongue, on) {
    let patience = 0, shown = null, placed = 0, moved = 0;
    const say = tongue.say;
    const bubbleOf = (id) => log.querySelector('[data-id="' + id + '"]');

    // --- messages ---

    function frame(kind, who, seconds) {
      const bubble = make("div", kind ? "bubble " + kind : "bubble");
      const said = make("div", "said");
      const meta = make("div", "meta");
      const moment = new Date(seconds * 1000);
      const time = make("time", "", moment.toLocaleTimeString(tongue.code(), { hour: "2-digit", minute: "2-digit" }));
      time.dateTime = moment.toISOString();
      meta.appendChild(time);
      said.appendChild(unseen(say(who)));
      said.appendChild(meta);
      bubble.appendChild(said);
      return bubble;
    }

    function put(bubble, paragraph) {
      const meta = bubble.querySelector(".meta");
      meta.parentNode.insertBefore(paragraph, meta);
    }

    function mark(bubble, name) {
      const before = bubble.querySelector(".meta .mark");
      if (before) before.remove();
      const node = make("span", "mark " + name);
      node.appendChild(shownOnly(SIGNS[name]));
      node.appendChild(document.createTextNode(" "));
      node.appendChild(name === "waits" ? make("span", "", say("page_waits")) : unseen(say("page_" + name)));
      bubble.querySelector(".meta").appendChild(node);
    }

    /** The bot's words stand on their language's side, whatever they begin with: a name, a number, a value set apart. */
    function sided(node, language) {
      node.dir = tongue.side(language) || "auto";
      if (tongue.side(language)) node.lang = language;
      return node;
    }

    function spoken(message) {
      const bubble = frame("", "page_bot", message.at);
      message.paragraphs.forEach((part, number) => {
        const paragraph = sided(make("p"), message.language);
        paragraph.id = "m" + message.id + "-" + number;
        linked(paragraph, part);
        put(bubble, paragraph);
      });
      if (offers(message)) bubble.appendChild(choices(message));
      else if (message.picked) bubble.appendChild(picked(message.picked));
      return bubble;
    }

    function locked(message) {
      const bubble = frame("own", "page_you", message.at);
      put(bubble, make("p", "locked", say("page_locked")));
      mark(bubble, "saved");
      return bubble;
    }

    // --- own words that can be taken back ---

    /** Small, below the words, and named after them: in a list of buttons each is another. */
    function takeable(bubble, may) {
      const before = bubble.querySelector(".take");
      if (!may) {
        if (before && document.activeElement === before) log.focus({ preventScroll: true });
        if (before) before.remove();
        return;
      }
      if (before) return;
      const node = make("button", "take", say("page_take"));
      const words = bubble.querySelector("p.typed");
      const which = words ? words.textContent.slice(0, 60) : bubble.querySelector("time").textContent;
      node.type = "button";
      node.setAttribute("aria-live", "off"); // the words were read out when they came
      node.appendChild(unseen(which));
      node.onclick = () => {
        if (node.classList.contains("waits") || Date.now() - moved < READ_FIRST) return; // meant for what stood there
        on.take(bubble);
      };
      bubble.appendChild(node);
    }

    function drop(bubble) {
      const next = bubble.contains(document.activeElement);
      bubble.remove();
      if (next) log.focus({ preventScroll: true });
      keep();
    }

    // --- choices ---

    function choices(message) {
      const group = make("div", "choices");
      group.setAttribute("role", "group");
      group.tabIndex = -1;
      if (message.paragraphs.length) {
        group.setAttribute("aria-labelledby", "m" + message.id + "-" + (message.paragraphs.length - 1));
      } else {
        group.setAttribute("aria-label", say("page_choices"));
      }
      message.choices.forEach((choice) => group.appendChild(button(message, choice, "choice")));
      message.extras.filter((e) => !isDanger(e)).forEach((extra) => group.appendChild(button(message, extra, "small")));
      return group;
    }

    function button(message, choice, kind) {
      const node = sided(make("button", kind), message.language);
      node.type = "button";
      node.dataset.data = choice.data;
      if (choice.chosen) node.appendChild(shownOnly("✓ "));
      if (kind === "choice") node.setAttribute("aria-pressed", String(choice.chosen));
      node.appendChild(document.createTextNode(choice.label));
      node.onclick = () => press(message, choice, node);
      return node;
    }

    function press(message, choice, node) {
      if (node.classList.contains("waits") || node.getAttribute("aria-disabled") === "true") return;
      bubbleOf(message.id).dataset.picked = choice.label;
      on.press(message.id, choice.data, node);
    }

    /** New choices can be pressed once they could be read; the same ones in the same place at once. */
    function settle(bubble, before, binds) {
      const asks = (node) => all(node, ".said p, .choices button").map((n) => n.dataset.data ? code(n.dataset.data) : n.textContent);
      if (before && asks(before).join("\n") === asks(bubble).join("\n")) return;
      all(bubble, ".choices button").forEach((b) => b.setAttribute("aria-disabled", "true"));
      setTimeout(() => all(bubble, ".choices button").forEach((b) => b.removeAttribute("aria-disabled")), binds ? READ_CONSENT : READ_FIRST);
    }

    /** A newer question stands there: of older ones only what was chosen stays. */
    function collapse(newest) {
      all(log, ".choices").forEach((group) => {
        const bubble = group.parentNode;
        if (bubble === newest) return;
        group.remove();
        if (bubble.dataset.picked) bubble.appendChild(picked(bubble.dataset.picked));
      });
    }

    function picked(label) {
      const node = make("p", "picked");
      node.dir = "auto";
      node.appendChild(unseen(say("page_picked", { label: label })));
      node.appendChild(shownOnly(label));
      return node;
    }

    function waiting(node, waits) {
      node.classList.add("waits");
      all(node, ".mark").forEach((old) => old.remove());
      if (!waits) return;
      const note = make("span", "mark waits");
      note.appendChild(shownOnly(SIGNS.waits + " "));
      note.appendChild(make("span", "", say("page_waits")));
      node.appendChild(note);
    }

    function refocus(bubble, data) {
      // Another question in the same place: its group, for a key that is pressed twice must not give an answer.
      const same = all(bubble, "button").filter((b) => code(b.dataset.data) === code(data))[0];
      const to = same || bubble.querySelector(".choices");
      if (to) to.focus({ preventScroll: true });
    }

    // --- where the page stands ---

    /** The newest message in view, from its top on where it is longer than the screen: the question before its answers. */
    function place(bubble) {
      shown = bubble;
      moved = Date.now();
      const top = bubble.offsetTop - 8;
      log.scrollTop = bubble.offsetHeight + 16 > log.clientHeight ? top : log.scrollHeight;
      placed = log.scrollTop;
    }

    /** The screen became smaller or larger (a keyboard, large letters): who read the newest message goes on reading it. */
    function keep() {
      if (shown && log.contains(shown)) place(shown);
    }

    log.addEventListener("scroll", () => {
      if (Math.abs(log.scrollTop - placed) > 4) shown = null; // somebody looks at something else
    });

    function show(message) {
      const bubble = message.own ? locked(message) : spoken(message);
      bubble.dataset.id = message.id;
      if (message.picked) bubble.dataset.picked = message.picked;
      const before = bubbleOf(message.id);
      const focused = document.activeElement;
      const inLog = log.contains(focused) && focused !== log;
      const hadFocus = before && before.contains(focused) && focused.dataset.data;
      if (before) before.parentNode.replaceChild(bubble, before);
      else log.appendChild(bubble);
      if (message.own) return;
      hideTyping();
      const same = before && before.querySelector(".said").textContent === bubble.querySelector(".said").textContent;
      if (offers(message)) {
        settle(bubble, before, message.consent);
        collapse(bubble);
        on.asked(message, bubble, inLog);
      }
      if (hadFocus) refocus(bubble, hadFocus);
      if (same) shown = bubble;
      else place(bubble);
    }

    function hideTyping() {
      clearTimeout(patience);
      all(log, ".typing").forEach((node) => node.remove());
    }

    return {
      show: show,
      mark: mark,
      keep: keep,
      hideTyping: hideTyping,
      bubble: bubbleOf,
      drop: drop,
      takeable: takeable,
      /** The own messages with these ids can be taken back now; what waits here always can. */
      offer: function (ids) {
        all(log, ".own[data-id]").forEach((bubble) => takeable(bubble, ids.indexOf(Number(bubble.dataset.id)) >= 0));
      },
      /** It is on its way to be dropped; `waits`: nobody is there to drop it. */
      taking: function (bubble, waits) {
        takeable(bubble, true);
        waiting(bubble.querySelector(".take"), waits);
      },
      /** What stands there now; own words that this page still remembers stay readable, and so does what waits. */
      enter: function (entries) {
        const remembered = {}, unsent = all(log, ".own:not([data-id])");
        all(log, ".own[data-id]").forEach((bubble) => { remembered[bubble.dataset.id] = bubble; });
        const known = all(log, ".bubble[data-id]").map((bubble) => bubble.dataset.id);
        log.textContent = "";
        entries.forEach((entry) => {
          if (entry.own && remembered[entry.id]) log.appendChild(remembered[entry.id]);
          else show(entry);
          if (known.indexOf(String(entry.id)) < 0) return;
          all(bubbleOf(entry.id), ".choices button").forEach((b) => b.removeAttribute("aria-disabled"));
        });
        unsent.forEach((bubble) => log.appendChild(bubble));
      },
      gone: function (ids) {
        ids.map(bubbleOf).forEach((bubble) => { if (bubble) bubble.remove(); });
        keep();
      },
      own: function (words, kind, may) {
        const bubble = frame("own", "page_you", Date.now() / 1000);
        put(bubble, make("p", kind, words));
        mark(bubble, "sent");
        takeable(bubble, may);
        log.appendChild(bubble);
        place(bubble);
        return bubble;
      },
      /** A button whose press is on its way; `waits`: nobody is there to take it. */
      pressed: function (node, waits) {
        if (node.classList.contains("choice")) node.setAttribute("aria-pressed", "true");
        waiting(node, waits);
      },
      unpressed: function (node) {
        node.classList.remove("waits");
        node.setAttribute("aria-pressed", "false");
        delete node.closest(".bubble").dataset.picked;
      },
      button: (id, data) => {
        const bubble = bubbleOf(id);
        return bubble && all(bubble, "button").filter((b) => b.dataset.data === data)[0];
      },
      showTyping: function () {
        hideTyping();
        const bubble = make("div", "bubble typing"), said = make("div", "said");
        said.appendChild(unseen(say("page_typing")));
        for (let dot = 0; dot < 3; dot++) said.appendChild(make("i"));
        bubble.appendChild(said);
        log.appendChild(bubble);
        log.scrollTop = log.scrollHeight;
        placed = log.scrollTop;
        patience = setTimeout(hideTyping, PATIENCE);
      },
      clear: function () {
        hideTyping();
        shown = null;
        log.textContent = "";
      },
    };
  };
})();
