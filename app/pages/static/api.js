// Calling the API, and the types of its responses.

import { folder, isStatic, lang, prefix, texts } from "./facts.js";

/** @typedef {{ id: string, name: string, url: string }} Reference */
/** @typedef {{ value: string, count: number }} FacetValue */
/** @typedef {{ total: number, limit: number, offset: number, hint: string | null }} Page */
/** @typedef {{ title: string, section: string | null, url: string | null, supports: string[], kind: string | null, read: string }} Source */
/** @typedef {{ field: string, scheme: string | null, value: string, start: number, end: number }} Match */
/** @typedef {Reference & { resource: string, matched: Match[] }} Hit */

/**
 * What a value means. `not_virtualized` and `unspecified` are the schemes in which it names no product.
 * @typedef {object} LookupResult
 * @property {string} value
 * @property {string} match
 * @property {string | null} rest
 * @property {(Reference & { schemes: string[] })[]} items
 * @property {string[]} not_virtualized
 * @property {string[]} unspecified
 * @property {string[]} nearest
 */

/**
 * An entry; its other fields depend on its collection.
 * @typedef {Reference & {
 *   summary: string,
 *   remark: string | null,
 *   labels: Record<string, string>,
 *   aliases: string[],
 *   identifiers: { scheme: string, value: string }[],
 *   sources: Source[],
 *   characteristics?: string[],
 *   vendor?: string | null,
 *   license?: string | null,
 *   status?: string | null,
 *   website?: string | null,
 * } & Record<string, any>} Entry
 */

/**
 * Build the URL of a call from a path in the API, parameters and the page's language; in a static copy, that of a file.
 * @param {string} path
 * @param {URLSearchParams | Record<string, string>} [parameters]
 */
export function urlOf(path, parameters) {
  if (isStatic) return `${folder}${path}${path.endsWith(".csv") ? "" : ".json"}`;
  const all = new URLSearchParams(parameters);
  all.set("lang", lang);
  return `${prefix}${path}?${all}`;
}

/**
 * Parse an answer, and make the URLs of entries paths in the API, by which the page names entries.
 * @param {string} answer
 */
const parseAnswer = (answer) =>
  JSON.parse(answer, (name, value) => (name === "url" && value?.startsWith("/") ? value.slice(prefix.length) : value));

/**
 * Call the API, by POST if there is a body. Throws an Error with a message for the user.
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {object} [body]
 */
export async function ask(url, signal, body) {
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
  const sent = body && { method: "POST", body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(url, { signal, headers, ...sent });
  } catch (fault) {
    throw signal.aborted ? fault : new Error(texts.unreachable);
  }
  const answer = await response
    .text()
    .then(parseAnswer)
    .catch(() => null);
  signal.throwIfAborted();
  if (!response.ok || answer === null) throw new Error(answer?.detail ?? `${response.status} ${response.statusText}`);
  return answer;
}

/**
 * Wrap a task so that each run aborts the previous one: the latest run wins, even if an earlier one ends later.
 * @template {unknown[]} Inputs
 * @param {(signal: AbortSignal, ...inputs: Inputs) => Promise<void>} task
 * @param {(fault: Error, retry: () => void) => void} onFailure
 */
export function onlyLatest(task, onFailure) {
  let controller = new AbortController();
  /** @param {Inputs} inputs */
  const run = async (...inputs) => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    try {
      await task(signal, ...inputs);
    } catch (fault) {
      if (!signal.aborted) onFailure(/** @type {Error} */ (fault), () => run(...inputs));
    }
  };
  return Object.assign(run, { cancel: () => controller.abort() });
}
