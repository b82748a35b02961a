// The lines of a pasted text: the value that each one gives, and how that differs from the line.

import { limits, texts } from "./facts.js";

/** @typedef {"cells" | "quotes" | "long" | "nul"} Difference `long` and `nul`: the API does not take the value. */
/** @typedef {{ line: number, value: string, differences: Difference[] }} PastedLine */

/**
 * Remove the quotation marks that spreadsheets put around a cell; within them, two stand for one.
 * @param {string} cell
 */
const unquote = (cell) => cell.replace(/^\s*"((?:[^"]|"")*)"\s*$/, (_, quoted) => quoted.replaceAll('""', '"'));

/**
 * @param {string} cell
 * @param {number} line
 * @param {boolean} alone Whether other cells of its row are left out.
 * @returns {PastedLine}
 */
function readCell(cell, line, alone) {
  const value = unquote(cell);
  /** @type {[Difference, boolean][]} */
  const possible = [
    ["cells", alone],
    ["quotes", value !== cell],
    ["long", [...value].length > limits.characters],
    ["nul", value.includes("\0")],
  ];
  return { line, value, differences: possible.filter(([, differs]) => differs).map(([difference]) => difference) };
}

/**
 * Read the lines that are not empty. Of a row with several cells, each counts, or only the first that is not empty.
 * @param {string} text
 * @param {boolean} [every] Whether each counts.
 * @returns {PastedLine[]}
 */
export function readLines(text, every = false) {
  return text.split(/\r\n|\r|\n/).flatMap((content, at) => {
    const cells = content.split("\t").filter((each) => unquote(each).trim());
    const read = every ? cells : cells.slice(0, 1);
    return read.map((cell) => readCell(cell, at + 1, read.length < cells.length));
  });
}

/**
 * Whether the API takes the value of a line.
 * @param {PastedLine} line
 */
export const isSent = ({ differences }) => !differences.includes("long") && !differences.includes("nul");

/**
 * Write ascending numbers with their runs shortened: `1, 3–5`.
 * @param {number[]} numbers
 */
export function formatNumbers(numbers) {
  const starts = numbers.filter((number, at) => number !== numbers[at - 1] + 1);
  const ends = numbers.filter((number, at) => number !== numbers[at + 1] - 1);
  return starts.map((start, at) => (start === ends[at] ? `${start}` : `${start}–${ends[at]}`)).join(texts.separator);
}
