// CSV in the same form as the API's: UTF-8 with a byte order mark, lists joined by a separator, escaped formulas.

import { csv } from "./facts.js";

// Where a semicolon or a tab separates cells, a formula can start within a text.
const beforeFormula = new RegExp(`[;\\t\\r\\n](?="*[${csv.formula_starts.join("")}])`, "g");

/**
 * Format a cell; an apostrophe escapes a text that a spreadsheet would run as a formula.
 * @param {string | string[]} value
 */
export function csvCell(value) {
  const joined = Array.isArray(value) ? value.join(csv.list_separator) : value;
  const content = joined.replace(beforeFormula, "$&'");
  const formula = csv.formula_starts.some((start) => content.startsWith(start)) || /^\p{Cc}/u.test(content);
  const safe = formula ? `'${content}` : content;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {(string | string[])[][]} rows */
export function csvFile(rows) {
  const lines = rows.map((cells) => cells.map(csvCell).join(",") + "\r\n");
  return new Blob(["\uFEFF", ...lines], { type: "text/csv;charset=utf-8" });
}
