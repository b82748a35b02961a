// The facts that the page passes to its scripts: its language, its texts, and facts about the API.

/** @typedef {Record<string, string>} Words */

/**
 * @typedef {object} Facts
 * @property {string} lang
 * @property {string} prefix The path under which the service is published; empty if that is the root.
 * @property {string | null} folder In a static copy, the folder of the files in the page's language; null on the service.
 * @property {Words} tags The language tags of the languages.
 * @property {Words & { resources: Words, fields: Words, kinds: Words, values: Words, matches: Words, told: Words }} texts
 * @property {Words} operations The fragment of Swagger UI's address for each path.
 * @property {Words} packs The title of each pack.
 * @property {Record<string, string[]>} bases The collections of what is based on a product, by the path of the product.
 * @property {Record<string, string[]>} facets The facets of each collection that the page shows as a table.
 * @property {Record<string, string[]>} orders The fields by which each table can be sorted.
 * @property {Record<string, { field: string, resource: string }>} parents Each collection's parent.
 * @property {{ entries: number, values: number, posted: number, characters: number }} limits
 * @property {{ formula_starts: string[], list_separator: string }} csv
 */

/** @type {Facts} */
const facts = JSON.parse(document.querySelector("#facts")?.textContent ?? "");

export const { lang, prefix, folder, tags, texts, operations, packs, bases, facets, orders, parents, limits, csv } =
  facts;

/** Whether the page is that of a static copy, where there is nothing but files. */
export const isStatic = folder !== null;

/**
 * Fill in the placeholders of a text.
 * @param {string} name
 * @param {Record<string, string | number>} values
 */
export const text = (name, values) => texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

/**
 * Translate a value of a closed vocabulary; return any other value unchanged.
 * @param {string} value
 */
export const translateValue = (value) => (Object.hasOwn(texts.values, value) ? texts.values[value] : value);
