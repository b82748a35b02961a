// The look-up form: resolves pasted values to the entries that they denote.

/** @import { LookupResult } from "./api.js" */
import { linkTo, recordAddress } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { csvFile } from "./csv.js";
import { findElement, make, makeFailure, makeList, makeUnknown } from "./dom.js";
import { limits, text, texts } from "./facts.js";

/** @typedef {LookupResult & { count: number }} Resolved A result, with the number of lines that have its value. */

// Every usual proxy accepts URLs of this length.
const URL_LENGTH = 16_000;
const SAMPLE = ["kvm", "kvm", "vmware", "VMwareVMware", "oracle", "microsoft", "docker", "裸金属", "none"];

/**
 * Divide values into groups, each of which fits into one request.
 * @param {string[]} values
 */
export function batches(values) {
  /** @type {string[][]} */
  const groups = [];
  /** @type {string[]} */
  let group = [];
  let room = 0;
  for (const value of values) {
    const size = new URLSearchParams({ value }).toString().length + 1;
    if (size > room || group.length === limits.values) {
      group = [];
      groups.push(group);
      room = URL_LENGTH;
    }
    group.push(value);
    room -= size;
  }
  return groups;
}

/**
 * Build the parameters of a look-up.
 * @param {string[]} values
 * @param {string} scheme
 */
function parametersOf(values, scheme) {
  const parameters = new URLSearchParams(values.map((value) => ["value", value]));
  if (scheme) parameters.set("scheme", scheme);
  return parameters;
}

/**
 * Whether the API accepts a value; the form reports any other value as not found.
 * @param {string} value
 */
const isAccepted = (value) => [...value].length <= limits.characters && !value.includes("\0");

/** @param {Resolved[]} results */
function fileOf(results) {
  const rows = results.map(({ value, count, match, items }) => [
    value,
    String(count),
    match,
    items.map(({ id }) => id),
    items.map(({ name }) => name),
  ]);
  return csvFile([["value", "lines", "match", "ids", "names"], ...rows]);
}

/** @param {Resolved} result */
function makeRow({ value, count, match, items }) {
  const links = items.map(({ url, name }) => linkTo(url, name));
  return make(
    "tr",
    { className: match === "none" ? "none" : "some" },
    make("th", { scope: "row" }, make("code", {}, value)),
    make("td", { className: "lines" }, String(count)),
    make("td", { className: "match" }, texts.matches[match]),
    make("td", {}, links.length ? makeList("inline", links) : makeUnknown()),
  );
}

/** @param {Resolved[]} results */
function makeTable(results) {
  const columns = ["value", "lines", "match", "denotes"];
  const headings = columns.map((name) => make("th", { scope: "col", className: name }, texts[name]));
  return make(
    "table",
    { "aria-labelledby": "lookup-heading" },
    make("thead", {}, make("tr", {}, headings)),
    make("tbody", {}, results.map(makeRow)),
  );
}

export class LookupForm {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.pasted = findElement(root, "#values", HTMLTextAreaElement);
    this.scheme = findElement(root, "#scheme", HTMLSelectElement);
    this.status = findElement(root, "#lookup-status");
    this.resolved = findElement(root, "#resolved div");
    this.file = "";
    this.resolve = onlyLatest(this.#load.bind(this), (fault, retry) => {
      const again = fault.message === texts.nothing_pasted ? null : retry;
      this.status.replaceChildren();
      this.resolved.replaceChildren(makeFailure(fault, again));
    });
    findElement(root, "#lookup-form").onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.pasted.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit();
    });
    findElement(root, "#sample").onclick = () => {
      this.pasted.value = SAMPLE.join("\n");
      this.scheme.value = "";
      this.#submit();
    };
  }

  /**
   * Resolve the values in the parameters, if there are any.
   * @param {URLSearchParams} parameters
   */
  show(parameters) {
    if (parameters.size === 0) return;
    const values = parameters.getAll("value");
    this.pasted.value = values.join("\n");
    this.scheme.value = parameters.get("scheme") ?? "";
    this.resolve(values, this.scheme.value);
  }

  #submit() {
    const values = this.pasted.value.split(/\r?\n/).filter((value) => value.trim());
    const fits = batches(values).length === 1;
    recordAddress("/lookup", fits ? parametersOf(values, this.scheme.value) : new URLSearchParams());
    this.resolve(values, this.scheme.value);
  }

  /**
   * @param {AbortSignal} signal
   * @param {string[]} values
   * @param {string} scheme
   */
  async #load(signal, values, scheme) {
    const distinct = Map.groupBy(values, (value) => value);
    if (distinct.size === 0) throw new Error(texts.nothing_pasted);
    this.status.replaceChildren(texts.loading);
    const groups = batches([...distinct.keys()].filter(isAccepted));
    /** @type {Map<string, LookupResult>} */
    const answers = new Map();
    for (const group of groups) {
      const answer = await ask(urlOf("/lookup", parametersOf(group, scheme)), signal);
      for (const result of answer.results) answers.set(result.value, result);
    }
    const results = [...distinct].map(([value, lines]) => {
      const { match, items } = answers.get(value) ?? { match: "none", items: [] };
      return { value, match, items, count: lines.length };
    });
    this.#showResults(results, values.length);
    if (groups.length) this.resolved.append(makeCall(urlOf("/lookup", parametersOf(groups[0], scheme))));
  }

  /**
   * @param {Resolved[]} results
   * @param {number} lines
   */
  #showResults(results, lines) {
    const found = results.filter((result) => result.match !== "none");
    const resolved = found.reduce((sum, result) => sum + result.count, 0);
    const share = text("share", { resolved, lines });
    URL.revokeObjectURL(this.file);
    this.file = URL.createObjectURL(fileOf(results));
    this.status.replaceChildren(make("strong", {}, `${Math.floor((resolved / lines) * 100)} %`), " ", share);
    this.resolved.replaceChildren(
      make("progress", { max: lines, value: resolved, "aria-label": share }),
      makeTable(results),
      make("p", {}, make("a", { className: "button", href: this.file, download: "lookup.csv" }, texts.download)),
    );
  }
}
