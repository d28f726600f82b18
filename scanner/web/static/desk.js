// The page asks several times a second what the station shows, and sends what keys ask for. Texts come ready made and
// are put in as text, never as markup. The secret behind the address's # is sent with each question and kept nowhere.
"use strict";

const ASK_EVERY = 400;
const secret = location.hash.slice(1);
const find = (id) => document.getElementById(id);
const said = document.body.dataset;

let name = "";
let shown = { lines: [] };
let chosen = "";
let hits = null;
let sounds = true;
let audio = null;

async function ask(address, act) {
  const options = { headers: { Authorization: `Bearer ${secret}` } };
  if (act instanceof FormData) {
    options.method = "POST";
    options.body = act;
  } else if (act) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(act);
  }
  return fetch(address, options);
}

function put(id, text) {
  const place = find(id);
  if (place.textContent !== text) place.textContent = text;
}

// A warning is told at once and by its word; what was done, and news, wait for their turn and look quiet.
function notice(text, tone = "warning") {
  const place = tone === "warning" ? "warning" : "done";
  for (const one of ["warning", "done"]) {
    const told = one === place ? text : "";
    const line = find(one);
    // What is said already is not said again.
    if (line.dataset.text === told && line.className === (told && tone)) continue;
    line.dataset.text = told;
    line.className = told && tone;
    write(line, told, tone);
  }
}

function write(line, text, tone) {
  line.replaceChildren();
  if (!text) return;
  const sign = document.createElement("span");
  sign.textContent = { warning: "!", done: "✓", news: "•" }[tone];
  sign.setAttribute("aria-hidden", "true");
  const word = document.createElement("b");
  word.textContent = said[tone] ?? "";
  const told = document.createElement("span");
  told.textContent = text;
  line.append(sign, ...(word.textContent ? [word] : []), told);
}

function stands(all) {
  find("stands").replaceChildren(...all.map((one) => {
    const line = document.createElement("li");
    const title = document.createElement("b");
    // A sign besides the colour: not everybody sees red and green apart.
    title.textContent = `${one.well ? "✓" : "!"} ${one.title} `;
    line.className = one.well ? "well" : "";
    const text = document.createElement("span");
    text.textContent = one.text;
    line.append(title, text);
    return line;
  }));
}

function answer(large) {
  if (!large) return;
  put("verdict", large.verdict);
  put("reading", large.reading);
  put("grade", large.grade);
  put("kit", large.kit);
  put("thing", large.thing);
  put("said", large.said);
  find("said").hidden = !large.said;
  find("answer").className = large.kind;
}

function lines() {
  find("lines").replaceChildren(...shown.lines.map((one) => {
    const row = document.createElement("tr");
    row.setAttribute("aria-selected", String(one.key === chosen));
    row.className = one.alarming ? "alarming" : "";
    row.addEventListener("click", () => choose(one.key));
    for (const text of [one.time, one.reading, one.verdict, one.grade, one.item, one.named]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  }));
  const line = shown.lines.find((one) => one.key === chosen);
  find("details").replaceChildren(...(line ? line.details : []).map((text) => {
    const part = document.createElement("p");
    part.textContent = text;
    return part;
  }));
}

function choose(key) {
  chosen = key;
  lines();
  const row = find("lines").querySelector('[aria-selected="true"]');
  if (row) show(row);
}

// Within the list alone: on a small window the answer above it must not be scrolled away.
function show(row) {
  const list = find("list");
  const top = row.offsetTop - list.querySelector("thead").offsetHeight;
  const bottom = row.offsetTop + row.offsetHeight - list.clientHeight;
  list.scrollTop = Math.max(Math.min(list.scrollTop, top), bottom);
}

function step(by) {
  const place = shown.lines.findIndex((one) => one.key === chosen);
  const next = shown.lines[Math.min(Math.max(place + by, 0), shown.lines.length - 1)];
  if (next) choose(next.key);
}

// Two tones for a hit, four falling ones for something stolen; made here, since the page loads no files from elsewhere.
function ring(stolen) {
  if (!sounds || !audio || audio.state !== "running") return;
  (stolen ? [988, 740, 988, 740] : [880, 1175]).forEach((pitch, place) => {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const start = audio.currentTime + place * 0.16;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.25, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.15);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.15);
    document.body.dataset.rang = String(Number(document.body.dataset.rang || 0) + 1);
  });
}

function draw(content) {
  const newest = shown.lines.at(-1)?.key ?? "";
  const follows = chosen === newest;
  shown = content;
  put("case-number", content.case);
  put("item", content.item);
  stands(content.stands);
  answer(content.large);
  ownNotice();
  // Whoever looks at an earlier reading is not torn away from it.
  if (follows && content.lines.length) chosen = content.lines.at(-1).key;
  choose(chosen);
  if (hits !== null && content.hits > hits) ring(content.large?.kind === "stolen");
  hits = content.hits;
}

// What the station has to say; while it is silent, that the page still is.
function ownNotice() {
  if (shown.notice) notice(shown.notice, shown.tone);
  else notice(sounds && audio?.state !== "running" ? said.silent : "", "news");
}

async function look() {
  try {
    const response = await ask(`/state?since=${name}`);
    if (response.status === 401) {
      notice(said.locked);
      return;
    }
    if (response.status === 200) {
      name = response.headers.get("State");
      draw(await response.json());
    } else if (response.status === 204 && find("warning").dataset.text === said.gone) ownNotice();
  } catch {
    notice(said.gone);
  }
  setTimeout(look, ASK_EVERY);
}

async function act(what) {
  try {
    const response = await ask("/act", what);
    return response.ok ? (await response.json()).problem : "";
  } catch {
    return said.gone;
  }
}

function allowSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().then(ownNotice);
}

function warn(problem) {
  if (problem) notice(problem);
}

// Without an item on the table it is asked for first.
async function attach() {
  const key = chosen;
  const done = async () => warn(await act({ act: "attach", what: key }));
  if (shown.label) await done();
  else await openQuestion(done);
}

async function press(key) {
  allowSound();
  if (key === "ArrowUp") step(-1);
  else if (key === "ArrowDown") step(1);
  else if (key === "n") choose(shown.lines.at(-1)?.key ?? "");
  else if (key === "i") await openQuestion();
  else if (key === "a" && chosen) await attach();
  else if (key === "u") openFinding(null);
  else if (key === "k") {
    if (shown.finding) openFinding(shown.finding);
    else notice(said.nothingToCorrect);
  } else if (key === "q") warn(await act({ act: "leave" }));
  else if (key === "m") {
    sounds = !sounds;
    notice(sounds ? said.soundOn : said.soundOff, "news");
  } else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const known = ["ArrowUp", "ArrowDown", "n", "i", "a", "u", "k", "q", "m"].includes(event.key);
  if (known) event.preventDefault();
  press(event.key);
});
document.querySelectorAll("nav button").forEach((button) => {
  button.addEventListener("click", () => {
    button.blur();
    press(button.dataset.key);
  });
});
look();
