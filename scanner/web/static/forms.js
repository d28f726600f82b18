// The page's two forms: which item lies on the table, and a UV finding. A fault is said below the field that can mend
// it; the keyboard goes there, and what was written stays. The rest of the page (desk.js) is asked by name.
"use strict";

const fields = { colour: "colours", spot: "spot", item: "finding-item", seal: "seal", photo: "photo" };
let afterChoice = null;
let saving = false;

// Ties what is wrong to its field, or takes it away when there is no text.
function mark(field, message, text) {
  document.querySelectorAll(`[aria-describedby="${message}"]`).forEach((one) => {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  });
  put(message, text);
  if (!field || !text) return;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", message);
}

function label(text) {
  find("label").value = text;
  mark(find("label"), "problem", "");
}

// The seized items of the case, as far as the registry tells of them now.
async function askForItems() {
  const response = await ask("/items").catch(() => null);
  return response?.ok ? response.json() : [];
}

async function openQuestion(after = null) {
  afterChoice = after;
  label("");
  find("waiting").hidden = !after;
  find("known").replaceChildren();
  find("question").showModal();
  find("label").focus();
  find("known").replaceChildren(...(await askForItems()).map((one) => {
    const line = document.createElement("li");
    const choice = document.createElement("button");
    choice.type = "button";
    choice.tabIndex = -1;
    choice.dataset.label = one.label;
    const number = document.createElement("b");
    number.textContent = one.label;
    choice.append(number, one.description);
    choice.addEventListener("click", () => {
      label(one.label);
      chooseItem();
    });
    line.append(choice);
    return line;
  }));
}

// With a keyboard the arrows write the label of an item that the registry knows of: the place of the one in turn.
function stepped(labels, written, by) {
  const place = labels.indexOf(written);
  return (place < 0 ? (by > 0 ? 0 : labels.length - 1) : place + by + labels.length) % labels.length;
}

function stepItem(by) {
  const all = [...find("known").querySelectorAll("button")];
  if (!all.length) return;
  const next = all[stepped(all.map((one) => one.dataset.label), find("label").value, by)];
  label(next.dataset.label);
  next.scrollIntoView({ block: "nearest" });
}

function stepThing(by) {
  const all = [...find("things").options];
  if (!all.length) return;
  find("finding-item").value = all[stepped(all.map((one) => one.value), find("finding-item").value.trim(), by)].value;
  nameThing();
}

// What the label stands for that is written in the finding, where the registry has told it.
function nameThing() {
  const written = find("finding-item").value.trim();
  put("finding-thing", [...find("things").options].find((one) => one.value === written)?.label ?? "");
}

function onArrows(field, step) {
  find(field).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  });
}

async function chooseItem() {
  const written = find("label").value.trim();
  const problem = await act({ act: "item", what: written });
  mark(find("label"), "problem", problem);
  if (problem) {
    find("label").focus();
    find("label").select();
    return;
  }
  find("question").close();
  // The next key may be quicker than the next answer of the station.
  shown.label = written;
  if (afterChoice && written) await afterChoice();
}

function colours() {
  return [...find("colours").querySelectorAll("[name=colour]")];
}

function colour(chosen) {
  colours().forEach((one) => { one.checked = one.value === chosen; });
  (colours().find((one) => one.checked) ?? colours()[0]).focus();
}

// Without an earlier finding it asks for a new one, of the thing on the table; else for what it should have been.
async function openFinding(earlier) {
  refuse("");
  find("spot").value = earlier?.spot ?? "";
  find("finding-item").value = earlier?.item ?? shown.label ?? "";
  find("seal").value = earlier?.seal ?? "";
  find("corrects").value = earlier?.key ?? "";
  find("photo").value = "";
  find("finding").className = (earlier ? "correcting" : "") + (earlier?.photo ? " keeping" : "");
  find("finding").showModal();
  colour(earlier?.colour ?? "");
  find("things").replaceChildren();
  nameThing();
  find("things").replaceChildren(...(await askForItems()).map((one) => new Option(one.description, one.label)));
  nameThing();
}

// Below the field that can mend it, or above the buttons when none can.
function refuse(text, name = "") {
  const field = text && fields[name] ? find(fields[name]) : null;
  const fault = find("fault");
  mark(null, "fault", "");
  if (field?.id === "colours") field.append(fault);
  else if (field) field.after(fault);
  else find("progress").parentElement.before(fault);
  mark(field, "fault", text);
  if (!field) return;
  const first = field.id === "colours" ? colours().find((one) => one.checked) ?? colours()[0] : field;
  first.setAttribute("aria-describedby", "fault");
  first.focus();
}

async function saveFinding(form) {
  const photo = find("photo").files[0];
  if (photo?.size > Number(said.largestPhoto)) {
    refuse(said.tooLarge.replace("{file}", () => photo.name), "photo");
    return;
  }
  const written = new FormData(form);
  // Nothing chosen is said by no field at all, and a file that was not chosen by an empty one.
  if (!written.has("colour")) written.set("colour", "");
  if (!photo) written.delete("photo");
  saves(true, photo ? said.preparing : "");
  let told = { problem: said.gone, field: "" };
  try {
    const response = await ask("/finding", written);
    if (response.ok || response.status === 413) told = await response.json();
  } catch {
    // The station has ended; what was written stays in the fields.
  }
  saves(false, "");
  refuse(told.problem, told.field);
  if (!told.problem) find("finding").close();
}

// Not disabled: a button that is loses the keyboard.
function saves(now, text) {
  saving = now;
  find("save").setAttribute("aria-disabled", String(now));
  put("progress", text);
  if (now) refuse("");
}

find("question").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  chooseItem();
});
find("label").addEventListener("input", () => mark(find("label"), "problem", ""));
onArrows("label", stepItem);
onArrows("finding-item", stepThing);
find("finding-item").addEventListener("input", nameThing);
find("finding").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!saving) saveFinding(event.target);
});
// What was wrong with a field is being mended.
find("finding").addEventListener("input", (event) => {
  if (event.target.closest('[aria-invalid="true"]')) refuse("");
});
document.querySelectorAll("dialog .leave").forEach((button) => {
  button.addEventListener("click", () => button.closest("dialog").close());
});
