// The look-up form: resolves pasted values to the entries that they denote.

/** @import { LookupResult } from "./api.js" */
/** @import { Content } from "./dom.js" */
/** @import { PastedLine } from "./pasted.js" */
import { linksTo, recordAddress } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { makeCall } from "./call.js";
import { csvFile } from "./csv.js";
import { announce, findElement, make, makeFailure, makeList, makeUnknown } from "./dom.js";
import { lang, limits, prefix, text, texts } from "./facts.js";
import { formatNumbers, isSent, readLines } from "./pasted.js";

/** @typedef {LookupResult & { count: number }} Resolved A result, with the number of lines that have its value. */

// Every usual proxy accepts URLs of this length.
const URL_LENGTH = 16_000;
const LONG = "VMware ESXi 7.0.3 build-20328353";
const SAMPLE = ["kvm", "kvm", "vmware", "VMwareVMware", "oracle", LONG, "docker", "裸金属", "none", "VirutalBox"];
// The kinds of values that mean no entry, as the picture of a list names them.
const WITHOUT_ENTRY = ["not-virtualized", "unspecified", "none"];
// The picture of a list has this many bars at most.
const MOST_BARS = 12;

/**
 * Divide values into groups, each of which fits into the body of one request.
 * @param {string[]} values
 */
export const batches = (values) =>
  Array.from({ length: Math.ceil(values.length / limits.posted) }, (_, at) =>
    values.slice(at * limits.posted, (at + 1) * limits.posted),
  );

/**
 * Whether values fit into the address of the page and into the URL of one request.
 * @param {string[]} values
 */
export const fitsAddress = (values) =>
  values.length <= limits.values && parametersOf(values, "").toString().length <= URL_LENGTH;

/**
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
  const columns = ["value", "lines", "match", "rest", "ids", "names", "not_virtualized", "unspecified", "nearest"];
  const rows = results.map(({ value, count, match, rest, items, not_virtualized, unspecified, nearest }) => [
    value,
    String(count),
    match,
    rest ?? "",
    items.map(({ id }) => id),
    items.map(({ name }) => name),
    not_virtualized,
    unspecified,
    nearest,
  ]);
  return csvFile([columns, ...rows]);
}

/**
 * Count the lines by what they mean: a set of entries that cannot be told apart, or a kind of value that means none.
 * @param {Resolved[]} results
 */
export function countMeanings(results) {
  /** @type {Map<string, { items: Resolved["items"], match: string, count: number }>} */
  const meanings = new Map();
  for (const { match, items, count } of results) {
    const kind = items.length ? "" : WITHOUT_ENTRY.includes(match) ? match : "none";
    const key = kind || items.map(({ url }) => url).join(" ");
    const meaning = meanings.get(key) ?? { items, match: kind, count: 0 };
    meanings.set(key, { ...meaning, count: meaning.count + count });
  }
  const order = ["", ...WITHOUT_ENTRY];
  return [...meanings.values()].sort(
    (one, other) => order.indexOf(one.match) - order.indexOf(other.match) || other.count - one.count,
  );
}

/**
 * Make the picture of a list: a bar for each meaning.
 * @param {Resolved[]} results
 */
function makePicture(results) {
  const meanings = countMeanings(results);
  const total = meanings.reduce((sum, { count }) => sum + count, 0);
  const shown = meanings.length > MOST_BARS ? meanings.slice(0, MOST_BARS - 1) : meanings;
  const others = meanings.slice(shown.length).reduce((sum, { count }) => sum + count, 0);
  /** @param {Content} label @param {string} kind @param {number} count */
  const makeBar = (label, kind, count) => [
    make("dt", {}, label),
    make("dd", {}, make("progress", { className: kind, max: total, value: count }), make("span", {}, String(count))),
  ];
  const bars = shown.map(({ items, match, count }) =>
    makeBar(items.length ? makeList("inline", linksTo(items)) : texts.matches[match], match, count),
  );
  return make("dl", { className: "picture" }, bars, others ? makeBar(texts.others, "none", others) : null);
}

/** @param {Resolved} result */
function makeMeaning({ items, not_virtualized, unspecified, nearest }) {
  if (nearest.length) return make("span", { className: "muted" }, text("nearest", { names: nearest.join(texts.or) }));
  const others = [not_virtualized.length && texts.matches["not-virtualized"], unspecified.length && texts.virtual];
  const words = others.filter((each) => typeof each === "string");
  return items.length || words.length ? makeList("inline", [...linksTo(items), ...words]) : makeUnknown();
}

/** @param {Resolved} result */
function makeRow(result) {
  const { value, count, match, rest, items, not_virtualized, unspecified } = result;
  const how = rest ? text("part_without", { rest }) : texts.matches[match];
  const schemes = [...new Set([...items.flatMap((item) => item.schemes), ...not_virtualized, ...unspecified])];
  return make(
    "tr",
    { className: isFound(result) ? "some" : "none" },
    make("th", { scope: "row" }, make("code", {}, value)),
    make("td", { className: "lines" }, String(count)),
    make("td", { className: "match", title: schemes.join(texts.separator) }, how),
    make("td", {}, makeMeaning(result)),
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

// What is said of a value that the API does not take.
const UNSENT = { match: "unsent", rest: null, items: [], not_virtualized: [], unspecified: [], nearest: [] };

export class LookupForm {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.pasted = findElement(root, "#values", HTMLTextAreaElement);
    this.scheme = findElement(root, "#scheme", HTMLSelectElement);
    this.every = findElement(root, "#every", HTMLInputElement);
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
    this.pasted.addEventListener("input", () => this.#askForColumns());
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

  /** Show the choice between the first column and all columns where there are several. */
  #askForColumns() {
    const { parentElement } = this.every;
    if (parentElement) parentElement.hidden = !this.pasted.value.includes("\t");
  }

  #submit() {
    this.#askForColumns();
    const lines = readLines(this.pasted.value, this.every.checked);
    const values = lines.map(({ value }) => value);
    const fits = values.length > 0 && fitsAddress(values);
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
    for (const values of groups) {
      const answer = await ask(`${prefix}/lookup`, signal, { values, lang, ...(scheme && { scheme: [scheme] }) });
      for (const result of answer.results) answers.set(result.value, result);
    }
    const results = [...Map.groupBy(lines, ({ value }) => value)].map(([value, { length }]) => {
      const answer = answers.get(value) ?? UNSENT;
      return { ...answer, value, count: length };
    });
    this.#showResults(results, lines);
    const [group] = groups;
    if (group && fitsAddress(group)) this.resolved.append(makeCall(urlOf("/lookup", parametersOf(group, scheme))));
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
      makePicture(results),
      ...(told.length ? [makeList("remark", told)] : []),
      makeTable(results),
      make("p", {}, make("a", { className: "button", href: this.file, download: "lookup.csv" }, texts.download)),
    );
    announce(told.join(" "));
  }
}
