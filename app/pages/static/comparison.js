// Products side by side.

/** @import { Entry } from "./api.js" */
/** @import { Content } from "./dom.js" */
import { linkTo, linksTo } from "./address.js";
import { make, makeList, makeUnknown } from "./dom.js";
import { texts } from "./facts.js";

// More products do not fit beside each other.
export const MOST_COMPARED = 4;
const FIELDS = ["type", "vendor", "license", "status", "based_on", "website", "summary", "remark", "aliases"];
// Those whose values two products can have in common; the others are each product's own.
const MARKED = ["type", "vendor", "license", "status", "based_on"];

/**
 * @param {Entry} entry
 * @param {string} field
 * @param {(field: string, value: string) => string} labelOf
 * @returns {Content}
 */
function makeValue(entry, field, labelOf) {
  const value = entry[field];
  if (value === null || value.length === 0) return makeUnknown();
  if (field === "website") return make("a", { href: value, rel: "noreferrer" }, new URL(value).host);
  if (field === "based_on") return makeList("inline", linksTo(value));
  if (field === "aliases") return value.join(texts.separator);
  return ["summary", "remark"].includes(field) ? value : labelOf(field, value);
}

/**
 * Whether sources tell different values of a field; what none tells may be the same.
 * @param {Entry[]} entries
 * @param {string} field
 */
function differs(entries, field) {
  const told = entries.map((entry) => entry[field]).filter((value) => value?.length);
  return MARKED.includes(field) && new Set(told.map((value) => JSON.stringify(value))).size > 1;
}

/**
 * Make a table with a column for each product, in which rows that differ are marked.
 * @param {Entry[]} entries
 * @param {(field: string, value: string) => string} labelOf Returns the label of a field's value.
 */
export function makeComparison(entries, labelOf) {
  const names = entries.map((entry) => make("th", { scope: "col" }, linkTo(entry.url, entry.name)));
  const rows = FIELDS.filter((field) => entries.some((entry) => entry[field]?.length)).map((field) => {
    const mark = differs(entries, field) ? make("span", { className: "differs", title: texts.differs }, "≠") : null;
    const heading = make("th", { scope: "row" }, texts[field] ?? texts.fields[field], " ", mark);
    const cells = entries.map((entry) => make("td", {}, makeValue(entry, field, labelOf)));
    return make("tr", { className: mark ? "different" : "" }, heading, cells);
  });
  const corner = make("td", {}, make("span", { className: "unseen" }, texts.comparison));
  return make(
    "div",
    { className: "scrolled" },
    make(
      "table",
      { className: "comparison", "aria-label": texts.comparison },
      make("thead", {}, make("tr", {}, corner, names)),
      make("tbody", {}, rows),
    ),
  );
}
