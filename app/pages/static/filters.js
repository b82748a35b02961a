// The filters of a table: their parameters, and the number of entries for each value.

/** @import { FacetValue } from "./api.js" */
import { ask, urlOf } from "./api.js";
import { facets } from "./facts.js";

/**
 * Copy parameters without one of them, or without one of its values.
 * @param {URLSearchParams} parameters
 * @param {string} name
 * @param {string} [value]
 */
export function without(parameters, name, value) {
  const left = new URLSearchParams(parameters);
  left.delete(name, value);
  return left;
}

/**
 * Copy parameters, with a value removed if it is among them, else added.
 * @param {URLSearchParams} parameters
 * @param {string} name
 * @param {string} value
 */
export function toggled(parameters, name, value) {
  if (parameters.has(name, value)) return without(parameters, name, value);
  const more = new URLSearchParams(parameters);
  more.append(name, value);
  return more;
}

/**
 * Count the entries for each value of each facet, under the filters of the other facets.
 * @param {string} resource
 * @param {URLSearchParams} parameters
 * @param {AbortSignal} signal
 * @returns {Promise<[string, FacetValue[]][]>}
 */
export async function countFacets(resource, parameters, signal) {
  /**
   * @param {string[]} names
   * @param {URLSearchParams} filters
   * @returns {Promise<Record<string, FacetValue[]>>}
   */
  const count = async (names, filters) => {
    const asked = new URLSearchParams(filters);
    for (const name of names) asked.append("facet", name);
    asked.set("limit", "1");
    return (await ask(urlOf(`/${resource}`, asked), signal)).facets;
  };
  const narrowed = facets[resource].filter((name) => parameters.has(name));
  const others = facets[resource].filter((name) => !parameters.has(name));
  const answers = await Promise.all([
    count(others, parameters),
    ...narrowed.map((name) => count([name], without(parameters, name))),
  ]);
  const counted = Object.assign({}, ...answers);
  return facets[resource].map((name) => {
    /** @type {FacetValue[]} */
    const values = counted[name];
    const missing = parameters.getAll(name).filter((value) => !values.some((known) => known.value === value));
    return [name, [...values, ...missing.map((value) => ({ value, count: 0 }))]];
  });
}
