// The address of the page. Its fragment is the API path of what the page shows: `#/hypervisors/kvm` opens an entry,
// `#/hypervisors?type=hosted` filters the table, `#/lookup?value=kvm` resolves values.
//
// Only this module reads and writes the fragment, and it calls the parts of the page when the fragment changes.

/** @import { Reference } from "./api.js" */
/** @import { EntryPanel } from "./entry.js" */
/** @import { LookupForm } from "./lookup.js" */
/** @import { SearchBox } from "./search.js" */
/** @import { ProductTable } from "./table.js" */
import { make, reveal } from "./dom.js";
import { facets, texts } from "./facts.js";

/**
 * The parts of the page; a static copy can neither search nor look up.
 * @typedef {{ entry: EntryPanel, search: SearchBox | null, table: ProductTable, lookup: LookupForm | null }} Parts
 */

/** @type {Parts} */
let parts;

/**
 * Split a fragment into path and parameters, without `lang`: the page already has a language. Clients of `/reconcile`
 * percent-encode the slash in the id of an entity.
 * @param {string} fragment
 */
export function parseFragment(fragment) {
  const [path, query] = fragment.slice(1).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  parameters.delete("lang");
  return { path: path.replaceAll("%2F", "/"), parameters };
}

/**
 * Build the fragment for an API path with parameters.
 * @param {string} path
 * @param {URLSearchParams} [parameters]
 */
export const fragmentOf = (path, parameters) => (parameters?.size ? `#${path}?${parameters}` : `#${path}`);

/**
 * Return the collection at a path, if the page shows it as a table.
 * @param {string} path
 */
const tableOf = (path) => Object.keys(facets).find((resource) => path === `/${resource}`);

/**
 * Whether a path is that of an entry. A path such as `//example.com/x` is a URL of another host.
 * @param {string} path
 */
export const isEntry = (path) => Object.keys(texts.resources).some((resource) => path.startsWith(`/${resource}/`));

/**
 * Make a link within the page to what it shows for an API path.
 * @param {string} path
 * @param {string} label
 */
export const linkTo = (path, label) => make("a", { href: fragmentOf(path) }, label);

/** @param {Reference[]} references */
export const linksTo = (references) => references.map(({ url, name }) => linkTo(url, name));

/** Return the present fragment. */
export const currentFragment = () => location.hash;

/**
 * Update the address after a part has changed by itself.
 * @param {string} path
 * @param {URLSearchParams} parameters
 */
export function recordAddress(path, parameters) {
  history.pushState(null, "", fragmentOf(path, parameters));
}

/**
 * Filter a table without scrolling to it. A filter that is being typed adds no entries to the history.
 * @param {string} resource
 * @param {URLSearchParams} parameters
 * @param {{ typed?: boolean }} [options]
 */
export function narrowTable(resource, parameters, { typed = false } = {}) {
  history[typed ? "replaceState" : "pushState"](null, "", fragmentOf(`/${resource}`, parameters));
  parts.table.show(resource, parameters);
}

/**
 * Go to an API path, like a click on a link to it.
 * @param {string} path
 */
export function followPath(path) {
  if (location.hash === fragmentOf(path)) showAddress();
  else location.hash = fragmentOf(path);
}

/** Close the entry and clear the fragment. */
export function leaveEntry() {
  if (location.hash) history.pushState(null, "", location.pathname + location.search);
  parts.entry.hide();
}

/** Show what the fragment refers to. */
function showAddress() {
  const { path, parameters } = parseFragment(location.hash);
  const resource = tableOf(path);
  if (resource) {
    parameters.delete("format");
    parts.table.show(resource, parameters);
    reveal(parts.table.root);
  } else if (path === "/lookup" && parts.lookup) {
    parts.lookup.show(parameters);
    reveal(parts.lookup.root);
  } else if (path === "/search" && parts.search) parts.search.show(parameters);
  else if (isEntry(path)) parts.entry.show(path, parameters);
  else if (!path || path.startsWith("/")) parts.entry.hide();
}

/**
 * Show what the fragment refers to, now and whenever it changes; the table is filled in any case.
 * @param {Parts} started
 */
export function startAddress(started) {
  parts = started;
  addEventListener("hashchange", showAddress);
  const { path } = parseFragment(location.hash);
  const filled = tableOf(path) ? null : parts.table.show(Object.keys(facets)[0], new URLSearchParams());
  // The look-up is below the table, so scroll to it only after the table has been filled.
  if (path === "/lookup") filled?.then(showAddress);
  else if (location.hash) showAddress();
}
