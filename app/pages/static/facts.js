// What the page hands to its scripts: its language, its texts, and what they must know of the API.

/** @typedef {Record<string, string>} Words */

/**
 * @typedef {object} Facts
 * @property {string} lang
 * @property {Words & { resources: Words, fields: Words, values: Words, matches: Words }} texts
 * @property {Words} operations Where Swagger UI shows each path.
 * @property {Record<string, string[]>} facets What each collection that is shown as a table can be counted by.
 * @property {Record<string, { field: string, resource: string }>} parents The field that leads from a collection up.
 * @property {{ entries: number, values: number, characters: number }} limits
 * @property {{ formula_starts: string[], list_separator: string }} csv
 */

/** @type {Facts} */
const facts = JSON.parse(document.querySelector("#facts")?.textContent ?? "");

export const { lang, texts, operations, facets, parents, limits, csv } = facts;

/**
 * A text of the page with its placeholders filled in.
 * @param {string} name
 * @param {Record<string, string | number>} values
 */
export const text = (name, values) => texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

/**
 * A value of a closed vocabulary in words, any other value as it is.
 * @param {string} value
 */
export const worded = (value) => texts.values[value] ?? value;
