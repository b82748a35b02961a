// The tables of products, with filters by text and by facets.

/** @import { Entry, FacetValue, Page } from "./api.js" */
/** @import { Tree } from "./tree.js" */
import { linkTo, narrowTable } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { findElement, make, makeFailure, makeList, makeUnknown, onTyped } from "./dom.js";
import { facets, limits, parents, text, texts, translateValue } from "./facts.js";
import { countFacets, toggled, without } from "./filters.js";

/** @typedef {{ resource: string, parameters: URLSearchParams }} View The list that the table shows. */

/**
 * Return the order after a click on the heading: by name, then by name reversed, then that of the source document.
 * @param {string | null} sort
 */
function nextSort(sort) {
  if (sort === "-name") return null;
  return sort === "name" ? "-name" : "name";
}

/** @param {string} resource */
const columnsOf = (resource) => facets[resource].filter((name) => !["pack", "remark_kind"].includes(name));

/** @param {View} view */
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
   * @param {URLSearchParams} parameters
   */
  async #load(signal, resource, parameters) {
    const view = { resource, parameters };
    this.view = view;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.resource === resource));
    if (document.activeElement !== this.filter) this.filter.value = parameters.get("q") ?? "";
    const whole = without(without(parameters, "limit"), "offset");
    this.clear.hidden = without(whole, "sort").size === 0;
    this.download.href = urlOf(`/${resource}.csv`, whole);
    this.rows.setAttribute("aria-busy", "true");
    const url = urlOf(`/${resource}`, parameters);
    /** @type {[Page & { items: Entry[] }, [string, FacetValue[]][]]} */
    const [page, counted] = await Promise.all([ask(url, signal), countFacets(resource, parameters, signal)]);
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : null;
    this.rows.removeAttribute("aria-busy");
    const offered = counted.filter(([name, values]) => values.length > (name === "pack" ? 1 : 0));
    this.facets.replaceChildren(...offered.map(([name, values]) => this.#makeFacet(view, name, values)));
    this.status.replaceChildren(text("matching", { total: page.total }));
    const shown = page.items.length ? this.#makeTable(view, page.items) : makeEmpty(view, page.hint);
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
    const chips = make("div", { className: "chips" }, buttons);
    return make("div", { className: "facet", role: "group", "aria-label": texts[name] }, label, chips);
  }

  /**
   * @param {View} view
   * @param {Entry[]} entries
   */
  #makeTable(view, entries) {
    const columns = columnsOf(view.resource);
    const headings = columns.map((name) => make("th", { scope: "col", className: name }, texts[name]));
    const head = make("thead", {}, make("tr", {}, makeHeading(view), headings));
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
    return make("tr", {}, make("th", { scope: "row" }, linkTo(entry.url, entry.name), name), cells);
  }
}
