// A picture of the sheet of labels: pressing a place fills in the number of the first free one.

const picture = document.querySelector("[data-sheet]");
const stock = document.getElementById("stock");
const start = document.getElementById("start");

function draw() {
  const { rows, columns } = stock.selectedOptions[0].dataset;
  picture.hidden = rows * columns === 1;
  if (picture.hidden) return;
  const sheet = document.createElement("div");
  sheet.className = `sheet sheet-${columns}`;
  sheet.setAttribute("role", "group");
  sheet.setAttribute("aria-label", picture.dataset.legend);
  for (let place = 1; place <= rows * columns; place += 1) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sheet-place";
    button.setAttribute("aria-label", `${picture.dataset.place} ${place}`);
    button.append(Object.assign(document.createElement("span"), { textContent: place }));
    button.addEventListener("click", () => {
      start.value = place;
      show();
    });
    sheet.append(button);
  }
  const legend = Object.assign(document.createElement("p"), { className: "hint", textContent: picture.dataset.legend });
  picture.replaceChildren(legend, sheet);
  show();
}

function show() {
  picture.querySelectorAll(".sheet-place").forEach((button, index) => {
    const used = index + 1 < Number(start.value);
    const first = index + 1 === Number(start.value);
    button.className = `sheet-place ${used ? "is-used" : first ? "is-filled" : "is-free"}`;
    button.setAttribute("aria-pressed", String(first));
  });
}

if (picture && stock && start) {
  stock.addEventListener("change", () => {
    start.value = 1;
    draw();
  });
  start.addEventListener("input", show);
  draw();
}

// The answer is a file, so the page stays: let the form be sent again when the file has come.
document.querySelector("form[data-reusable]")?.addEventListener("submit", (event) => {
  const form = event.target;
  setTimeout(() => delete form.dataset.sent, 3000);
});
