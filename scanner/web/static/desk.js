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

function notice(text) {
  put("notice", text);
  find("notice").hidden = !text;
}

function stands(all) {
  find("stands").replaceChildren(...all.map((one) => {
    const line = document.createElement("li");
    const title = document.createElement("b");
    // A sign besides the colour: not everybody sees red and green apart.
    title.textContent = `${one.well ? "✓" : "!"} ${one.title} `;
    line.className = one.well ? "well" : "";
    line.append(title, one.text);
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
  notice(content.notice || (sounds && audio?.state !== "running" ? said.silent : ""));
  // Whoever looks at an earlier reading is not torn away from it.
  if (follows && content.lines.length) chosen = content.lines.at(-1).key;
  choose(chosen);
  if (hits !== null && content.hits > hits) ring(content.large?.kind === "stolen");
  hits = content.hits;
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
    } else if (response.status === 204 && find("notice").textContent === said.gone) {
      notice(shown.notice ?? "");
    }
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

async function openQuestion() {
  put("problem", "");
  find("label").value = "";
  find("known").replaceChildren();
  find("question").showModal();
  find("label").focus();
  const response = await ask("/items").catch(() => null);
  if (!response?.ok) return;
  find("known").replaceChildren(...(await response.json()).map((one) => {
    const line = document.createElement("li");
    const label = document.createElement("b");
    label.textContent = one.label;
    line.append(label, one.description);
    return line;
  }));
}

function colour(chosen) {
  const all = [...find("finding").querySelectorAll("[name=colour]")];
  all.forEach((one) => { one.checked = one.value === chosen; });
  (all.find((one) => one.checked) ?? all[0]).focus();
}

// Without an earlier finding it asks for a new one, of the thing on the table; else for what it should have been.
function openFinding(earlier) {
  put("fault", "");
  find("spot").value = earlier?.spot ?? "";
  find("finding-item").value = earlier?.item ?? shown.label ?? "";
  find("seal").value = earlier?.seal ?? "";
  find("corrects").value = earlier?.key ?? "";
  find("photo").value = "";
  find("save").disabled = false;
  find("finding").className = (earlier ? "correcting" : "") + (earlier?.photo ? " keeping" : "");
  find("finding").showModal();
  colour(earlier?.colour ?? "");
}

async function saveFinding(form) {
  const photo = find("photo").files[0];
  if (photo?.size > Number(said.largestPhoto)) {
    put("fault", said.tooLarge.replace("{file}", () => photo.name));
    return;
  }
  const written = new FormData(form);
  // Nothing chosen is said by no field at all, and a file that was not chosen by an empty one.
  if (!written.has("colour")) written.set("colour", "");
  if (!photo) written.delete("photo");
  find("save").disabled = true;
  let problem = said.gone;
  try {
    const response = await ask("/finding", written);
    problem = response.ok || response.status === 413 ? (await response.json()).problem : said.gone;
  } catch {
    // The station has ended; what was written stays in the fields.
  }
  find("save").disabled = false;
  put("fault", problem);
  if (!problem) find("finding").close();
}

function allowSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().then(() => notice(shown.notice ?? ""));
}

async function press(key) {
  allowSound();
  if (key === "ArrowUp") step(-1);
  else if (key === "ArrowDown") step(1);
  else if (key === "n") choose(shown.lines.at(-1)?.key ?? "");
  else if (key === "i") await openQuestion();
  else if (key === "a" && chosen) notice(await act({ act: "attach", what: chosen }));
  else if (key === "u") openFinding(null);
  else if (key === "k") {
    if (shown.finding) openFinding(shown.finding);
    else notice(said.nothingToCorrect);
  } else if (key === "q") notice(await act({ act: "leave" }));
  else if (key === "m") {
    sounds = !sounds;
    notice(sounds ? said.soundOn : said.soundOff);
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
find("question").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await act({ act: "item", what: find("label").value.trim() });
  if (problem) {
    put("problem", problem);
    find("label").select();
  } else find("question").close();
});
find("finding").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!find("save").disabled) saveFinding(event.target);
});
find("cancel").addEventListener("click", () => find("finding").close());

look();
