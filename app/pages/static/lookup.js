// The look-up form: resolves pasted values to the entries that they denote.

/** @import { LookupResult } from "./api.js" */
/** @import { PastedLine } from "./pasted.js" */
import { linkTo, recordAddress } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { csvFile } from "./csv.js";
import { announce, findElement, make, makeFailure, makeList, makeUnknown } from "./dom.js";
import { limits, text, texts } from "./facts.js";
import { formatNumbers, isSent, readLines } from "./pasted.js";

/** @typedef {LookupResult & { count: number }} Resolved A result, with the number of lines that have its value. */

// Every usual proxy accepts URLs of this length.
const URL_LENGTH = 16_000;
const LONG = "VMware ESXi 7.0.3 build-20328353";
const SAMPLE = ["kvm", "kvm", "vmware", "VMwareVMware", "oracle", LONG, "docker", "裸金属", "none"];

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
 * Describe in which lines the value differs from what was pasted, and which were not sent.
 * @param {PastedLine[]} lines
 */
function describeDifferences(lines) {
  const pairs = lines.flatMap(({ line, differences }) => differences.map((difference) => ({ line, difference })));
  return [...Map.groupBy(pairs, ({ difference }) => difference)].map(([difference, told]) => {
    const numbers = formatNumbers(told.map(({ line }) => line));
    const subject = told.length === 1 ? text("line", { numbers }) : text("lines_of", { numbers });
    return subject + texts.told[difference].replace("{characters}", String(limits.characters));
  });
}

/** @param {Resolved} result */
const isFound = ({ match }) => match !== "none" && match !== "unsent";

/** @param {Resolved[]} results */
function fileOf(results) {
  const rows = results.map(({ value, count, match, rest, items }) => [
    value,
    String(count),
    match,
    rest ?? "",
    items.map(({ id }) => id),
    items.map(({ name }) => name),
  ]);
  return csvFile([["value", "lines", "match", "rest", "ids", "names"], ...rows]);
}

/** @param {Resolved} result */
function makeRow(result) {
  const { value, count, match, rest, items } = result;
  const how = rest ? text("part_without", { rest }) : texts.matches[match];
  const links = items.map(({ url, name }) => linkTo(url, name));
  return make(
    "tr",
    { className: isFound(result) ? "some" : "none" },
    make("th", { scope: "row" }, make("code", {}, value)),
    make("td", { className: "lines" }, String(count)),
    make("td", { className: "match" }, how),
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
    this.pasted.value = parameters.getAll("value").join("\n");
    this.scheme.value = parameters.get("scheme") ?? "";
    this.resolve(readLines(this.pasted.value), this.scheme.value);
  }

  #submit() {
    const lines = readLines(this.pasted.value);
    const values = lines.map(({ value }) => value);
    const fits = batches(values).length === 1;
    recordAddress("/lookup", fits ? parametersOf(values, this.scheme.value) : new URLSearchParams());
    this.resolve(lines, this.scheme.value);
  }

  /**
   * @param {AbortSignal} signal
   * @param {PastedLine[]} lines
   * @param {string} scheme
   */
  async #load(signal, lines, scheme) {
    if (lines.length === 0) throw new Error(texts.nothing_pasted);
    this.status.replaceChildren(texts.loading);
    const groups = batches([...new Set(lines.filter(isSent).map(({ value }) => value))]);
    /** @type {Map<string, LookupResult>} */
    const answers = new Map();
    for (const group of groups) {
      const answer = await ask(urlOf("/lookup", parametersOf(group, scheme)), signal);
      for (const result of answer.results) answers.set(result.value, result);
    }
    const results = [...Map.groupBy(lines, ({ value }) => value)].map(([value, { length }]) => {
      const answer = answers.get(value) ?? { match: "unsent", rest: null, items: [] };
      return { ...answer, value, count: length };
    });
    this.#showResults(results, lines);
    if (groups.length) this.resolved.append(makeCall(urlOf("/lookup", parametersOf(groups[0], scheme))));
  }

  /**
   * @param {Resolved[]} results
   * @param {PastedLine[]} lines
   */
  #showResults(results, lines) {
    const found = results.filter(isFound);
    const resolved = found.reduce((sum, result) => sum + result.count, 0);
    const share = text("share", { resolved, lines: lines.length });
    const told = describeDifferences(lines);
    URL.revokeObjectURL(this.file);
    this.file = URL.createObjectURL(fileOf(results));
    this.status.replaceChildren(make("strong", {}, `${Math.floor((resolved / lines.length) * 100)} %`), " ", share);
    this.resolved.replaceChildren(
      make("progress", { max: lines.length, value: resolved, "aria-label": share }),
      ...(told.length ? [makeList("remark", told)] : []),
      makeTable(results),
      make("p", {}, make("a", { className: "button", href: this.file, download: "lookup.csv" }, texts.download)),
    );
    announce(told.join(" "));
  }
}
