// What the server holds, looked at twice a second. For the demo only.
const at = (id) => document.getElementById(id);
const cell = (words, classes = "") => { const node = document.createElement("td"); node.textContent = words; node.className = classes; return node; };
const row = (...cells) => { const node = document.createElement("tr"); node.append(...cells); return node; };

function show({ parts, answers, reports }) {
  at("nothing").hidden = parts.length + answers.length > 0;
  at("sealed").hidden = !parts.length;
  at("steering").hidden = !answers.length;
  at("none").hidden = reports.length > 0;
  at("parts").replaceChildren(...parts.map((p) => row(cell(p.number), cell(p.size), cell(`${p.bytes} …`, "bytes"))));
  at("answers").replaceChildren(...answers.map((a) => row(cell(a.step), cell(a.value))));
  at("reports").replaceChildren(...reports.flatMap((r) => {
    const title = document.createElement("h3"), text = document.createElement("pre");
    title.textContent = r.title;
    text.textContent = r.text;
    text.tabIndex = 0;
    return [title, text];
  }));
}

let last = "";
async function look() {
  try {
    const answer = await (await fetch("pane.json")).text();
    if (answer !== last) show(JSON.parse(answer));
    last = answer;
  } catch { /* the demo has ended */ }
  setTimeout(look, 500);
}
look();
