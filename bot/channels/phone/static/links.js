// Numbers and addresses that can be tapped. All is put in as text; a link's target is made of what was found alone.
"use strict";

var linked = (function () {
  const ADDRESS = "https://[A-Za-z0-9.-]+(?::\\d+)?(?:/[A-Za-z0-9._~/?#=&%+-]*)?";
  const MAIL = "[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+";
  const SITE = "(?:[a-z0-9][a-z0-9-]*\\.)+(?:org|net|int|eu|com|info|ngo)(?:/[A-Za-z0-9._~/-]*)?";
  const DIGIT = "[0-9\u0660-\u0669\u06f0-\u06f9]";
  const NUMBER = "\\+?" + DIGIT + "(?:[ \u00a0\u202f().-]{0,2}" + DIGIT + ")+";
  const FOUND = new RegExp([ADDRESS, MAIL, SITE, NUMBER].map((each) => "(" + each + ")").join("|"), "g");
  const JOINED = /[A-Za-z0-9_@/+.\u0660-\u0669\u06f0-\u06f9-]$/; // behind one of these it is a part of something else
  const GOES_ON = /^[A-Za-z0-9_@\u0660-\u0669\u06f0-\u06f9]/;

  /** `tel:` of a number that can be called from anywhere, or within its country; "" for days, hours, other numbers. */
  function call(number) {
    const latin = number.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15));
    const plain = latin.replace(/[^0-9+]/g, "");
    return /^(\+\d{7,15}|0\d{8,11})$/.test(plain) ? "tel:" + plain : "";
  }

  function target(shown, match) {
    if (match[1]) return shown;
    if (match[2]) return "mailto:" + shown;
    return match[3] ? "https://" + shown : call(shown);
  }

  function link(shown, href) {
    const node = document.createElement("a");
    node.href = href;
    node.dir = "ltr"; // a number keeps its order among words that run from right to left
    node.rel = "noopener noreferrer";
    if (href.slice(0, 6) === "https:") node.target = "_blank";
    // A number that is too long for its line breaks between its groups, never within one.
    shown.split(/([ \u00a0\u202f])/).forEach((part) => {
      node.appendChild(document.createTextNode(part));
      if (/^[\u00a0\u202f]$/.test(part)) node.appendChild(document.createElement("wbr"));
    });
    return node;
  }

  /** Put `text` into `node`: what can be tapped as links, all else as it stands. */
  return function (node, text) {
    let from = 0;
    for (let match = FOUND.exec(text); match; match = FOUND.exec(text)) {
      const shown = match[0].replace(/[.,;:!?-]+$/, ""); // the end of a sentence is no part of an address
      const alone = !JOINED.test(text.slice(0, match.index)) && !GOES_ON.test(text.slice(match.index + match[0].length));
      const href = alone ? target(shown, match) : "";
      if (!href) continue;
      node.appendChild(document.createTextNode(text.slice(from, match.index)));
      node.appendChild(link(shown, href));
      from = match.index + shown.length;
    }
    node.appendChild(document.createTextNode(text.slice(from)));
  };
})();
