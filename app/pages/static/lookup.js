// The look-up: pasted values, each resolved to what it denotes.

/** @import { LookupResult } from "./api.js" */
import { linkTo, recordAddress } from "./address.js";
import { ask, newest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { csvFile } from "./csv.js";
import { findElement, make, makeFailure, makeList, makeUnknown } from "./dom.js";
import { limits, text, texts } from "./facts.js";

/** @typedef {LookupResult & { count: number }} Resolved A result, and on how many lines its value stands. */

// What every proxy lets through in a URL.
const URL_LENGTH = 16_000;
const SAMPLE = ["kvm", "kvm", "vmware", "VMwareVMware", "oracle", "microsoft", "docker", "裸金属", "none"];

/**
 * Values in groups that fit into one request each.
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
 * The parameters of a look-up.
 * @param {string[]} values
 * @param {string} scheme
 */
function parametersOf(values, scheme) {
  const parameters = new URLSearchParams(values.map((value) => ["value", value]));
  if (scheme) parameters.set("scheme", scheme);
  return parameters;
}

/**
 * Whether the API takes a value; one that it does not take denotes nothing.
 * @param {string} value
 */
const isTaken = (value) => [...value].length <= limits.characters && !value.includes("\0");

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
    this.resolve = newest(this.#load.bind(this), (fault, retry) => {
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
   * Resolve the values that the parameters hold, if they hold any.
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
    const groups = batches([...distinct.keys()].filter(isTaken));
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
