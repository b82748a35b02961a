// The search box: an ARIA combobox that shows hits from `/search`.

/** @import { Hit, Match } from "./api.js" */
/** @import { Content } from "./dom.js" */
import { followPath } from "./address.js";
import { isQuestion, makeAnswer } from "./answer.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { findElement, flatten, make, onTyped } from "./dom.js";
import { text, texts } from "./facts.js";

// How many hits are shown first, and how many more at a time.
const FIRST = 8;
const MORE = 50;
// More words are no search, but may be a question.
const MOST_WORDS = 10;

/**
 * Split a match into the text before it, the matched text and the text after it. The API counts code points.
 * @param {Match} match
 * @param {number} [before] The longest text to keep before the match.
 * @param {number} [after]
 */
export function excerpt({ value, start, end }, before = 24, after = 40) {
  const points = [...value];
  const from = Math.max(0, start - before);
  const to = Math.min(points.length, end + after);
  return [
    (from > 0 ? "…" : "") + points.slice(from, start).join(""),
    points.slice(start, end).join(""),
    points.slice(end, to).join("") + (to < points.length ? "…" : ""),
  ];
}

/** @param {string[]} pieces */
const makeMarked = ([before, found, after]) => [before, make("mark", {}, found), after];

export class SearchBox {
  /** @param {HTMLElement} root The box and the list of hits below it. */
  constructor(root) {
    this.box = findElement(root, "#search", HTMLInputElement);
    this.answer = findElement(root, "#answer");
    this.hits = findElement(root, "#hits");
    this.results = findElement(root, ".results");
    this.status = findElement(root, "#search-status");
    this.chosen = -1;
    this.search = onlyLatest(this.#load.bind(this), (fault) => {
      this.hits.replaceChildren();
      this.status.replaceChildren(fault.message);
      this.#showResults(true);
    });
    onTyped(this.box, () => this.#searchNow());
    this.box.addEventListener("focus", () => this.#showResults(this.#hasResults()));
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !root.contains(relatedTarget)) this.#showResults(false);
    });
    this.box.addEventListener("keydown", (event) => this.#handleKey(event));
    // A press on a hit must not move the focus, or the list would close before the click.
    this.results.addEventListener("pointerdown", (event) => event.preventDefault());
    this.results.addEventListener("mousedown", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => {
      const typing = /** @type {Element} */ (event.target).closest("input, textarea, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.box.focus();
      this.box.select();
    });
  }

  /**
   * Search for the query in the parameters.
   * @param {URLSearchParams} parameters
   */
  show(parameters) {
    this.box.value = parameters.get("q") ?? "";
    this.box.focus();
    this.#searchNow();
  }

  #searchNow() {
    const query = this.box.value.trim();
    if (query) this.search(query);
    else {
      this.search.cancel();
      this.answer.replaceChildren();
      this.hits.replaceChildren();
      this.#showResults(false);
    }
  }

  #hasResults() {
    return this.hits.children.length > 0 || this.answer.children.length > 0;
  }

  /**
   * Show the first hits, or add more to those that are shown.
   * @param {AbortSignal} signal
   * @param {string} query
   * @param {number} [offset] The number of hits that are shown.
   */
  async #load(signal, query, offset = 0) {
    if (!offset) {
      const asked = isQuestion(query) ? await ask(urlOf("/ask", { question: query }), signal) : null;
      this.answer.replaceChildren(...flatten(asked && makeAnswer(asked)));
      if (this.answer.children.length && query.split(/\s+/).length > MOST_WORDS) {
        this.hits.replaceChildren();
        this.status.replaceChildren();
        return this.#showResults(true);
      }
    }
    const parameters = new URLSearchParams({ q: query, limit: String(offset ? MORE : FIRST) });
    if (offset) parameters.set("offset", String(offset));
    /** @type {{ items: Hit[], total: number }} */
    const { items, total } = await ask(urlOf("/search", parameters), signal);
    const kept = [...this.hits.children].slice(0, offset);
    const shown = offset + items.length;
    this.hits.replaceChildren(...kept, ...items.map((hit, at) => this.#makeHit(hit, offset + at)));
    if (shown < total) {
      const more = make("span", { className: "hit-more" }, texts.more);
      this.hits.append(this.#makeOption(shown, () => this.search(query, shown), more));
    }
    const found = shown < total ? text("shown", { shown, total }) : text("found", { total });
    const nothing = this.answer.children.length ? "" : text("nothing_found", { query });
    this.status.replaceChildren(total ? found : nothing);
    this.#showResults(true);
    this.#choose(items.length ? offset : -1);
  }

  /**
   * @param {number} at
   * @param {() => void} onclick
   * @param {...Content} content
   */
  #makeOption(at, onclick, ...content) {
    const onpointermove = () => this.#choose(at);
    return make("li", { id: `hit-${at}`, role: "option", "aria-selected": false, onclick, onpointermove }, content);
  }

  /**
   * Make a hit. Matches in its name are marked there; other matches follow it as excerpts.
   * @param {Hit} hit
   * @param {number} at
   */
  #makeHit(hit, at) {
    const named = hit.matched.find((match) => match.field === "name" && match.value === hit.name);
    const others = hit.matched.filter((match) => match !== named);
    const open = () => {
      this.box.blur();
      followPath(hit.url);
    };
    return this.#makeOption(
      at,
      open,
      make("bdi", { className: "hit-name" }, named ? makeMarked(excerpt(named, Infinity, Infinity)) : hit.name),
      make("span", { className: "hit-kind" }, texts.resources[hit.resource]),
      others.map((match) => {
        const label = make("span", { className: "muted" }, `${match.scheme ?? texts.fields[match.field]}  `);
        return make("span", { className: "hit-match" }, label, makeMarked(excerpt(match)));
      }),
    );
  }

  /** @param {number} at */
  #choose(at) {
    this.chosen = at;
    [...this.hits.children].forEach((hit, place) => hit.setAttribute("aria-selected", String(place === at)));
    if (at < 0) this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `hit-${at}`);
    this.hits.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean} shown */
  #showResults(shown) {
    this.results.hidden = !shown;
    this.box.setAttribute("aria-expanded", String(shown && this.hits.children.length > 0));
    if (!shown) this.#choose(-1);
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    if (event.isComposing) return;
    /** @type {Record<string, () => void>} */
    const steps = {
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      Enter: () => {
        const hit = this.hits.children[this.chosen];
        if (this.results.hidden || !(hit instanceof HTMLElement)) this.#searchNow();
        else hit.click();
      },
      Escape: () => {
        if (this.results.hidden) this.box.value = "";
        this.search.cancel();
        this.#showResults(false);
      },
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    steps[event.key]();
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    const total = this.hits.children.length;
    if (total === 0) return;
    if (this.results.hidden) this.#showResults(true);
    // If no hit is chosen, a step up goes to the last one.
    const from = this.chosen < 0 && direction < 0 ? 0 : this.chosen;
    this.#choose((from + direction + total) % total);
  }
}
