// The line to the bot: it numbers what is sent, sends it again until it is acknowledged after the commit, and knows
// within ten seconds when nobody is at its other end. What waits stands in this page's memory alone.
// Written in the JavaScript of 2015, as all of this page, for phones that get no newer browser.
"use strict";

var makeLine = (function () {
  const FIRST_WAIT = 400, LONGEST_WAIT = 10000; // ms between two tries to connect
  const PING = 4000, DEAD = 5000; // ms between two questions "are you there?", and until no answer means no

  const random = function (bytes) {
    const found = crypto.getRandomValues(new Uint8Array(bytes));
    return Array.from(found, (b) => (b + 256).toString(16).slice(1)).join("");
  };

  /** The page's token: it ends with its tab. A browser that keeps nothing at all keeps it in memory. */
  function token() {
    try {
      const kept = sessionStorage.getItem("token") || random(16);
      sessionStorage.setItem("token", kept);
      return kept;
    } catch (refused) {
      return random(16);
    }
  }

  /** `on` is told: `received(frame)`, `lost()` and `elsewhere()`; `on.newest()` gives the newest message's id. */
  return function (on) {
    const me = token();
    const waiting = new Map(); // key → frame, in the order of their numbers
    const tried = new Set(); // keys of those that may have arrived
    let count = 0, socket = null, wait = FIRST_WAIT, ended = false, deadline = 0, again = 0, open = false;

    function put(frame) {
      if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    }

    function drop() {
      clearTimeout(deadline);
      clearTimeout(again);
      deadline = again = 0;
      open = false;
      if (!socket) return;
      socket.onopen = socket.onmessage = socket.onclose = null; // a dead one may say much later that it is closed
      socket.close();
      socket = null;
    }

    function connect() {
      drop();
      ended = false;
      socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/talk");
      socket.onopen = () => put({ type: "hello", token: me, language: navigator.language || "", seen: on.newest() });
      socket.onmessage = (event) => take(JSON.parse(event.data));
      socket.onclose = lost;
      deadline = setTimeout(lost, DEAD);
    }

    function take(frame) {
      clearTimeout(deadline);
      deadline = 0;
      if (frame.type === "room") {
        wait = FIRST_WAIT;
        open = true;
      }
      if (frame.type === "elsewhere") {
        ended = true;
        drop();
        on.elsewhere();
      } else if (frame.type === "ack") {
        frame.sent = waiting.get(frame.key);
        waiting.delete(frame.key);
        tried.delete(frame.key);
        on.received(frame);
      } else if (frame.type === "later") {
        setTimeout(() => resend(frame.key), 2000);
      } else if (frame.type !== "pong") {
        on.received(frame);
      }
    }

    function lost() {
      drop();
      if (ended) return;
      on.lost();
      again = setTimeout(connect, wait * (0.7 + Math.random() * 0.6));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }

    function ping() {
      if (!open) return;
      put({ type: "ping" });
      if (!deadline) deadline = setTimeout(lost, DEAD);
    }

    function resend(key) {
      if (!open || !waiting.has(key)) return;
      tried.add(key);
      put(waiting.get(key));
    }

    setInterval(ping, PING);
    window.addEventListener("online", () => { if (!open && !ended) connect(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) ping(); });

    return {
      waiting: waiting,
      connect: connect,
      ping: ping,
      isOpen: () => open,
      send: function (frame) {
        const key = ++count + "-" + random(8);
        waiting.set(key, Object.assign({}, frame, { key: key }));
        resend(key);
        return key;
      },
      /** Never to be sent; false where it may have arrived already. */
      cancel: (key) => !tried.has(key) && waiting.delete(key),
      resendAll: () => Array.from(waiting.keys()).forEach(resend),
      /** Nothing of this page's talk is left in the tab. */
      forget: function () {
        ended = true;
        drop();
        waiting.clear();
        try { sessionStorage.clear(); } catch (refused) { /* then nothing was kept */ }
      },
    };
  };
})();
