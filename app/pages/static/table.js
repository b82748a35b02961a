// The tables of the products, narrowed by text and by the values of their fields.

/** @import { Entry, FacetValue, Page } from "./api.js" */
/** @import { Tree } from "./tree.js" */
import { linkTo, narrowTable } from "./address.js";
import { ask, newest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { findElement, make, makeFailure, makeUnknown, onTyped } from "./dom.js";
import { facets, limits, parents, text, texts, worded } from "./facts.js";
import { countFacets, toggled, without } from "./filters.js";

/** @typedef {{ resource: string, parameters: URLSearchParams }} Listed What the table shows. */

/**
 * What a click on the heading makes of the order: by name, the other way round, as the source document has it.
 * @param {string | null} sort
 */
function nextSort(sort) {
  if (sort === "-name") return null;
  return sort === "name" ? "-name" : "name";
}

/** @param {string} resource */
const columnsOf = (resource) => facets[resource].filter((name) => name !== "pack");

/** @param {Listed} listed */
function makeHeading({ resource, parameters }) {
  const sort = parameters.get("sort");
  const next = nextSort(sort);
  const sorted = without(parameters, "sort");
  if (next) sorted.set("sort", next);
  const button = make("button", { type: "button", className: "plain" }, texts.name);
  button.dataset.key = "sort";
  button.onclick = () => narrowTable(resource, sorted);
  const heading = make("th", { scope: "col" }, button);
  if (sort === "name") heading.setAttribute("aria-sort", "ascending");
  if (sort === "-name") heading.setAttribute("aria-sort", "descending");
  return heading;
}

/**
 * A button that asks for a longer page, if there is more.
 * @param {Listed} listed
 * @param {Page & { items: Entry[] }} page
 */
function makeRest({ resource, parameters }, { items, total, limit, offset }) {
  if (total <= items.length || limit >= limits.entries || offset > 0) return [];
  const longer = new URLSearchParams(parameters);
  longer.set("limit", String(Math.min(limits.entries, limit * 4)));
  const button = make("button", { type: "button", className: "plain" }, texts.more);
  button.onclick = () => narrowTable(resource, longer);
  return [make("p", {}, text("shown", { shown: items.length, total }), " ", button)];
}

/** @param {Listed} listed */
function makeEmpty({ resource }) {
  const button = make("button", { type: "button", className: "button" }, texts.clear_filters);
  button.onclick = () => narrowTable(resource, new URLSearchParams());
  return make("div", { className: "empty" }, make("p", {}, texts.nothing_matches), button);
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
    this.tabs = [...root.querySelectorAll("button")].filter((button) => button.dataset.resource);
    /** @type {Listed} */
    this.listed = { resource: Object.keys(facets)[0], parameters: new URLSearchParams() };
    this.show = newest(this.#load.bind(this), (fault, retry) => {
      this.rows.removeAttribute("aria-busy");
      this.status.replaceChildren();
      this.rows.replaceChildren(makeFailure(fault, retry));
    });
    for (const tab of this.tabs) tab.onclick = () => narrowTable(tab.dataset.resource ?? "", new URLSearchParams());
    this.clear.onclick = () => {
      this.filter.value = "";
      narrowTable(this.listed.resource, new URLSearchParams());
      this.filter.focus();
    };
    onTyped(this.filter, () => {
      const parameters = without(this.listed.parameters, "q");
      if (this.filter.value.trim()) parameters.set("q", this.filter.value.trim());
      narrowTable(this.listed.resource, parameters, { typed: true });
    });
  }

  /**
   * @param {AbortSignal} signal
   * @param {string} resource
   * @param {URLSearchParams} parameters
   */
  async #load(signal, resource, parameters) {
    const listed = { resource, parameters };
    this.listed = listed;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.resource === resource));
    if (document.activeElement !== this.filter) this.filter.value = parameters.get("q") ?? "";
    const whole = without(without(parameters, "limit"), "offset");
    this.clear.hidden = without(whole, "sort").size === 0;
    whole.set("format", "csv");
    this.download.href = urlOf(`/${resource}`, whole);
    this.rows.setAttribute("aria-busy", "true");
    const url = urlOf(`/${resource}`, parameters);
    /** @type {[Page & { items: Entry[] }, [string, FacetValue[]][]]} */
    const [page, counted] = await Promise.all([ask(url, signal), countFacets(resource, parameters, signal)]);
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : null;
    this.rows.removeAttribute("aria-busy");
    const offered = counted.filter(([name, values]) => name !== "pack" || values.length > 1);
    this.facets.replaceChildren(...offered.map(([name, values]) => this.#makeFacet(listed, name, values)));
    this.status.replaceChildren(text("matching", { total: page.total }));
    const shown = page.items.length ? this.#makeTable(listed, page.items) : makeEmpty(listed);
    this.rows.replaceChildren(shown, ...makeRest(listed, page), makeCall(url));
    const buttons = [...this.root.querySelectorAll("button")];
    if (focused) buttons.find((button) => button.dataset.key === focused)?.focus();
  }

  /**
   * A value of a field as a person reads it.
   * @param {string} resource
   * @param {string} field
   * @param {string} value
   */
  #nameValue(resource, field, value) {
    const parent = parents[resource];
    return field === parent.field ? (this.tree.nameOf(`/${parent.resource}/${value}`) ?? value) : worded(value);
  }

  /**
   * @param {Listed} listed
   * @param {string} name
   * @param {FacetValue[]} values
   */
  #makeFacet({ resource, parameters }, name, values) {
    const buttons = values.map(({ value, count }) => {
      const button = make(
        "button",
        { type: "button", className: "chip", "aria-pressed": parameters.has(name, value) },
        this.#nameValue(resource, name, value),
        make("span", { className: "number" }, ` ${count}`),
      );
      button.dataset.key = `${name}=${value}`;
      button.onclick = () => narrowTable(resource, toggled(parameters, name, value));
      return button;
    });
    const label = make("span", { className: "facet-name" }, texts[name]);
    return make("div", { className: "facet", role: "group", "aria-label": texts[name] }, label, buttons);
  }

  /**
   * @param {Listed} listed
   * @param {Entry[]} entries
   */
  #makeTable(listed, entries) {
    const columns = columnsOf(listed.resource);
    const headings = columns.map((name) => make("th", { scope: "col", className: name }, texts[name]));
    const head = make("thead", {}, make("tr", {}, makeHeading(listed), headings));
    const rows = entries.map((entry) => this.#makeRow(listed.resource, columns, entry));
    return make("table", { "aria-labelledby": "products-heading" }, head, make("tbody", {}, rows));
  }

  /**
   * @param {string} resource
   * @param {string[]} columns
   * @param {Entry} entry
   */
  #makeRow(resource, columns, entry) {
    const beneath = [entry.vendor, entry.license].flatMap((value) => value ?? []).map(worded);
    const cells = columns.map((name) => {
      const value = entry[name];
      const shown = value === null ? makeUnknown() : this.#nameValue(resource, name, value);
      const dotted = name === "status" && value !== null;
      return make("td", { className: name }, dotted ? make("span", { className: `status ${value}` }, shown) : shown);
    });
    const name = make("span", { className: "beneath" }, beneath.join(" · "));
    return make("tr", {}, make("th", { scope: "row" }, linkTo(entry.url, entry.name), name), cells);
  }
}
