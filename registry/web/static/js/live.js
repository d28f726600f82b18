// Keeps a region up to date: asks its URL for what is new and puts the server's elements in place, each by its id.
// The answer is 204 (nothing new) or 200 with HTML and a Live-Cursor header that goes back as ?after=.

const INTERVAL_MS = 700;
const LONGEST_WAIT_MS = 15_000;
const PATIENCE_MS = 8_000;
const ENDED = new Set([401, 403, 404, 410]);

function isWrittenIn(element) {
  const active = document.activeElement;
  return Boolean(
    element.querySelector("dialog[open]") || (element.contains(active) && active.matches("input, select, textarea")),
  );
}

class Region {
  constructor(element) {
    this.items = element.querySelector("[data-live-items]");
    this.state = element.querySelector("[data-live-state]");
    this.announcer = element.querySelector("[data-live-announcer]");
    this.address = element.dataset.live;
    this.cursor = element.dataset.liveAfter;
    this.newestFirst = element.dataset.liveNewest !== "last";
    this.placed = new Map();
    this.failures = 0;
    this.timer = 0;
    this.asking = false;
  }

  start() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.ask()));
    window.addEventListener("online", () => this.ask());
    if (document.hidden) this.pause();
    else this.ask();
  }

  show(state) {
    this.state.dataset.liveState = state;
  }

  pause() {
    clearTimeout(this.timer);
    if (this.state.dataset.liveState !== "ended") this.show("paused");
  }

  async ask() {
    clearTimeout(this.timer);
    if (this.asking || this.state.dataset.liveState === "ended") return;
    this.asking = true;
    try {
      const answer = await this.fetch();
      if (ENDED.has(answer.status) || answer.redirected) return this.show("ended");
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const placed = answer.status === 200 ? this.place(await answer.text()) : true;
      if (placed) this.cursor = answer.headers.get("Live-Cursor") ?? this.cursor;
      this.failures = 0;
      this.show("on");
    } catch {
      this.failures += 1;
      this.show("lost");
    } finally {
      this.asking = false;
    }
    if (document.hidden) return this.pause();
    const wait = Math.min(INTERVAL_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  fetch() {
    const url = new URL(this.address, window.location.href);
    if (url.origin !== window.location.origin) throw new Error("another origin");
    if (this.cursor) url.searchParams.set("after", this.cursor);
    return fetch(url, {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  // The parser builds an inert document: nothing in it runs, and only elements with an id are taken over. An element
  // somebody is writing in is left alone; the answer is then false, so that the next one brings it again.
  place(html) {
    let complete = true;
    const fragment = new DOMParser().parseFromString(html, "text/html");
    const news = [];
    for (const fresh of [...fragment.body.children].filter((element) => element.id)) {
      const shown = this.items.querySelector(`#${CSS.escape(fresh.id)}`);
      const content = fresh.outerHTML;
      if (this.placed.get(fresh.id) === content) continue;
      if (shown && isWrittenIn(shown)) {
        complete = false;
        continue;
      }
      const element = document.adoptNode(fresh);
      this.placed.set(element.id, content);
      if (shown) this.replace(shown, element);
      else this.add(element);
      if (element.dataset.announce) news.push(element.dataset.announce);
    }
    if (news.length) this.announcer.textContent = news.join(". ");
    return complete;
  }

  add(element) {
    element.classList.add("is-new");
    this.items.querySelector(":scope > .empty-state")?.remove();
    if (this.newestFirst) this.items.prepend(element);
    else this.items.append(element);
  }

  // What the reader had opened stays open, and the keyboard stays where it was.
  replace(shown, element) {
    const details = element.querySelectorAll("details");
    for (const [index, old] of shown.querySelectorAll("details").entries()) {
      if (details[index]) details[index].open = old.open;
    }
    const reachable = "a, button, input, select, textarea, summary";
    const focused = [...shown.querySelectorAll(reachable)].indexOf(document.activeElement);
    shown.replaceWith(element);
    if (focused >= 0) element.querySelectorAll(reachable)[focused]?.focus();
  }
}

for (const element of document.querySelectorAll("[data-live]")) new Region(element).start();
