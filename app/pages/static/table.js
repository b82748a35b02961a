// The tables of products, with filters by text and by facets.

/** @import { Entry, FacetValue, Page } from "./api.js" */
/** @import { Tree } from "./tree.js" */
import { linkTo, narrowTable } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { MOST_COMPARED, makeComparison } from "./comparison.js";
import { findElement, make, makeFailure, makeList, makeUnknown, onTyped } from "./dom.js";
import { facets, isStatic, limits, orders, packs, parents, text, texts, translateValue } from "./facts.js";
import { countFacets, toggled, without } from "./filters.js";

/** @typedef {{ resource: string, parameters: URLSearchParams }} View The list that the table shows. */

// How many values of a facet are shown at first.
const FOLDED = 8;
// How many entries are shown at first.
const FIRST = 25;

/**
 * Return the order after a click on a heading: by its field, then reversed, then that of the source document.
 * @param {string} field
 * @param {string | null} sort
 */
function nextSort(field, sort) {
  if (sort === `-${field}`) return null;
  return sort === field ? `-${field}` : field;
}

/** @param {string} resource */
const columnsOf = (resource) => facets[resource].filter((name) => !["pack", "remark_kind"].includes(name));

/**
 * Make the heading of a column, by which the table is sorted if its list can be.
 * @param {View} view
 * @param {string} field
 */
function makeHeading({ resource, parameters }, field) {
  if (!orders[resource].includes(field)) return make("th", { scope: "col", className: field }, texts[field]);
  const sort = parameters.get("sort");
  const next = nextSort(field, sort);
  const sorted = without(parameters, "sort");
  if (next) sorted.set("sort", next);
  const button = make("button", { type: "button", className: "plain" }, texts[field]);
  button.dataset.key = `sort-${field}`;
  button.onclick = () => narrowTable(resource, sorted);
  const heading = make("th", { scope: "col", className: field }, button);
  if (sort === field) heading.setAttribute("aria-sort", "ascending");
  if (sort === `-${field}`) heading.setAttribute("aria-sort", "descending");
  return heading;
}

/**
 * Whether a list is of a few products, which are compared.
 * @param {View} view
 */
function isComparison({ parameters }) {
  const ids = parameters.getAll("id");
  return ids.length > 1 && ids.length <= MOST_COMPARED;
}

/**
 * Make a button that loads more entries, if there are more.
 * @param {View} view
 * @param {Page & { items: Entry[] }} page
 */
function makeMore({ resource, parameters }, { items, total, limit, offset }) {
  if (total <= items.length || limit >= limits.entries || offset > 0) return [];
  const longer = new URLSearchParams(parameters);
  longer.set("limit", String(Math.min(limits.entries, limit * 4)));
  const button = make("button", { type: "button", className: "plain" }, texts.more);
  button.onclick = () => narrowTable(resource, longer);
  return [make("p", {}, text("shown", { shown: items.length, total }), " ", button)];
}

/**
 * @param {View} view
 * @param {string | null} hint
 */
function makeEmpty({ resource }, hint) {
  const button = make("button", { type: "button", className: "button" }, texts.clear_filters);
  button.onclick = () => narrowTable(resource, new URLSearchParams());
  return make("div", { className: "empty" }, make("p", {}, texts.nothing_matches), hint && make("p", {}, hint), button);
}

export class ProductTable {
  /**
   * @param {HTMLElement} root
   * @param {Tree} tree
   */
  constructor(root, tree) {
    this.root = root;
    this.tree = tree;
    this.filter = findElement(root, "#filter", HTMLInputElement);
    this.clear = findElement(root, "#clear");
    this.download = findElement(root, "#csv", HTMLAnchorElement);
    this.facets = findElement(root, "#facets");
    this.status = findElement(root, "#table-status");
    this.rows = findElement(root, "#rows");
    /** @type {Set<string>} The facets all of whose values are shown. */
    this.unfolded = new Set();
    /** @type {Map<string, string>} The names of the products to compare, by id. */
    this.compared = new Map();
    this.compare = findElement(root, "#compare", HTMLButtonElement);
    this.compare.onclick = () => {
      const ids = [...this.compared.keys()].map((id) => ["id", id]);
      this.compared.clear();
      narrowTable(this.view.resource, new URLSearchParams(ids));
    };
    this.tabs = [...root.querySelectorAll("button")].filter((button) => button.dataset.resource);
    /** @type {View} */
    this.view = { resource: Object.keys(facets)[0], parameters: new URLSearchParams() };
    this.show = onlyLatest(this.#load.bind(this), (fault, retry) => {
      this.rows.removeAttribute("aria-busy");
      this.status.replaceChildren();
      this.rows.replaceChildren(makeFailure(fault, retry));
    });
    for (const tab of this.tabs) tab.onclick = () => narrowTable(tab.dataset.resource ?? "", new URLSearchParams());
    this.clear.onclick = () => {
      this.filter.value = "";
      narrowTable(this.view.resource, new URLSearchParams());
      this.filter.focus();
    };
    onTyped(this.filter, () => {
      const parameters = without(this.view.parameters, "q");
      if (this.filter.value.trim()) parameters.set("q", this.filter.value.trim());
      narrowTable(this.view.resource, parameters, { typed: true });
    });
  }

  /**
   * @param {AbortSignal} signal
   * @param {string} resource
   * @param {URLSearchParams} wanted
   */
  async #load(signal, resource, wanted) {
    // A file is the whole list.
    const parameters = isStatic ? new URLSearchParams() : wanted;
    const view = { resource, parameters };
    if (resource !== this.view.resource) this.compared.clear();
    this.view = view;
    this.#offerComparison();
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.resource === resource));
    if (document.activeElement !== this.filter) this.filter.value = parameters.get("q") ?? "";
    const whole = without(without(parameters, "limit"), "offset");
    this.clear.hidden = without(whole, "sort").size === 0;
    this.download.href = urlOf(`/${resource}.csv`, whole);
    this.rows.setAttribute("aria-busy", "true");
    const paged = new URLSearchParams(parameters);
    if (!isStatic && !parameters.has("limit") && !isComparison(view)) paged.set("limit", String(FIRST));
    const url = urlOf(`/${resource}`, paged);
    /** @type {[Page & { items: Entry[] }, [string, FacetValue[]][]]} */
    const [page, counted] = await Promise.all([
      ask(url, signal),
      isStatic ? [] : countFacets(resource, parameters, signal),
    ]);
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : null;
    this.rows.removeAttribute("aria-busy");
    const offered = counted.filter(([name, values]) => values.length > (name === "pack" ? 1 : 0));
    // A comparison is of these products and no others.
    const facets = isComparison(view) ? [] : offered;
    this.facets.replaceChildren(...facets.map(([name, values]) => this.#makeFacet(view, name, values)));
    this.status.replaceChildren(text("matching", { total: page.total }));
    const shown = page.items.length ? this.#makeItems(view, page.items) : makeEmpty(view, page.hint);
    this.rows.replaceChildren(shown, ...makeMore(view, page), makeCall(url));
    const buttons = [...this.root.querySelectorAll("button")];
    if (focused) buttons.find((button) => button.dataset.key === focused)?.focus();
  }

  /**
   * Return the label of a field's value.
   * @param {string} resource
   * @param {string} field
   * @param {string} value
   */
  #labelOf(resource, field, value) {
    if (field === "based_on")
      return Object.keys(facets).reduce((name, each) => this.tree.nameOf(`/${each}/${value}`) ?? name, value);
    if (field === "pack") return packs[value];
    const parent = parents[resource];
    return field === parent.field ? (this.tree.nameOf(`/${parent.resource}/${value}`) ?? value) : translateValue(value);
  }

  /**
   * @param {View} view
   * @param {string} name
   * @param {FacetValue[]} values
   */
  #makeFacet({ resource, parameters }, name, values) {
    const buttons = values.map(({ value, count }) => {
      const button = make(
        "button",
        { type: "button", className: "chip", "aria-pressed": parameters.has(name, value) },
        make("bdi", {}, this.#labelOf(resource, name, value)),
        make("span", { className: "number" }, ` ${count}`),
      );
      button.dataset.key = `${name}=${value}`;
      button.onclick = () => narrowTable(resource, toggled(parameters, name, value));
      return button;
    });
    const label = make("span", { className: "facet-name" }, texts[name]);
    const rest = this.unfolded.has(name) ? [] : buttons.slice(FOLDED);
    const unpressed = rest.filter((button) => button.ariaPressed !== "true");
    // A single value takes no more space than the button that would show it.
    const folded = unpressed.length > 1 ? unpressed : [];
    for (const button of folded) button.hidden = true;
    const more = make(
      "button",
      { type: "button", className: "plain", hidden: !folded.length },
      text("more_values", { count: folded.length }),
    );
    more.onclick = () => {
      this.unfolded.add(name);
      for (const button of folded) button.hidden = false;
      more.hidden = true;
      folded[0].focus();
    };
    const chips = make("div", { className: "chips" }, buttons, more);
    return make("div", { className: "facet", role: "group", "aria-label": texts[name] }, label, chips);
  }

  /** Offer to compare the products that are chosen, if there are several. */
  #offerComparison() {
    this.compare.hidden = this.compared.size < 2;
    this.compare.textContent = text("compare", { names: [...this.compared.values()].join(texts.separator) });
    const full = this.compared.size >= MOST_COMPARED;
    for (const box of this.rows.querySelectorAll("input")) box.disabled = full && !box.checked;
  }

  /**
   * Make the table of the entries; of those with a few ids, a comparison.
   * @param {View} view
   * @param {Entry[]} entries
   */
  #makeItems(view, entries) {
    if (isComparison(view)) {
      const ids = view.parameters.getAll("id");
      const chosen = entries.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
      return makeComparison(chosen, (field, value) => this.#labelOf(view.resource, field, value));
    }
    return this.#makeTable(view, entries);
  }

  /**
   * Make the box that chooses a product to compare; null where a list cannot be narrowed to it.
   * @param {Entry} entry
   */
  #makeChoice({ id, name }) {
    if (isStatic) return null;
    const checked = this.compared.has(id);
    const disabled = this.compared.size >= MOST_COMPARED && !checked;
    const box = make("input", { type: "checkbox", checked, disabled, "aria-label": text("choose", { name }) });
    box.onchange = () => {
      if (box.checked) this.compared.set(id, name);
      else this.compared.delete(id);
      this.#offerComparison();
    };
    return box;
  }

  /**
   * @param {View} view
   * @param {Entry[]} entries
   */
  #makeTable(view, entries) {
    const columns = columnsOf(view.resource);
    const headings = ["name", ...columns].map((name) => makeHeading(view, name));
    const head = make("thead", {}, make("tr", {}, headings));
    const rows = entries.map((entry) => this.#makeRow(view.resource, columns, entry));
    return make("table", { "aria-labelledby": "products-heading" }, head, make("tbody", {}, rows));
  }

  /**
   * @param {string} resource
   * @param {string[]} columns
   * @param {Entry} entry
   */
  #makeRow(resource, columns, entry) {
    const beneath = [entry.vendor, entry.license].flatMap((value) => value ?? []).map(translateValue);
    const cells = columns.map((name) => {
      const value = entry[name];
      if (Array.isArray(value))
        return make(
          "td",
          { className: name },
          makeList(
            "inline",
            value.map((each) => linkTo(each.url, each.name)),
          ),
        );
      const shown = value === null ? makeUnknown() : this.#labelOf(resource, name, value);
      const dotted = name === "status" && value !== null;
      return make("td", { className: name }, dotted ? make("span", { className: `status ${value}` }, shown) : shown);
    });
    const name = make("span", { className: "beneath" }, beneath.join(" · "));
    const heading = make("th", { scope: "row" }, this.#makeChoice(entry), linkTo(entry.url, entry.name), name);
    return make("tr", {}, heading, cells);
  }
}
