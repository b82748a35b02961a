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
 * Read the lines that are not empty. Of a row with several cells, the first that is not empty counts.
 * @param {string} text
 * @returns {PastedLine[]}
 */
export function readLines(text) {
  return text.split(/\r\n|\r|\n/).flatMap((content, at) => {
    const [cell, ...others] = content.split("\t").filter((each) => unquote(each).trim());
    if (cell === undefined) return [];
    const value = unquote(cell);
    /** @type {[Difference, boolean][]} */
    const possible = [
      ["cells", others.length > 0],
      ["quotes", value !== cell],
      ["long", [...value].length > limits.characters],
      ["nul", value.includes("\0")],
    ];
    const differences = possible.filter(([, differs]) => differs).map(([difference]) => difference);
    return [{ line: at + 1, value, differences }];
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
