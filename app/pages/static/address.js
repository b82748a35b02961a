// The address of the page. Its fragment is the path of the call whose answer is shown: `#/hypervisors/kvm` opens an
// entry, `#/hypervisors?type=hosted` narrows the table, `#/lookup?value=kvm` resolves values.
//
// Nothing else reads or writes the fragment: the parts of the page ask for a change here, and are shown from here.

/** @import { EntryPanel } from "./entry.js" */
/** @import { LookupForm } from "./lookup.js" */
/** @import { SearchBox } from "./search.js" */
/** @import { ProductTable } from "./table.js" */
import { make, reveal } from "./dom.js";
import { facets } from "./facts.js";

/** @typedef {{ entry: EntryPanel, search: SearchBox, table: ProductTable, lookup: LookupForm }} Parts */

/** @type {Parts} */
let parts;

/**
 * The path and the parameters of a fragment, but for the language, which is the page's.
 * @param {string} fragment
 */
export function parseFragment(fragment) {
  const [path, query] = fragment.slice(1).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  parameters.delete("lang");
  return { path, parameters };
}

/**
 * The fragment for a path of the API with parameters.
 * @param {string} path
 * @param {URLSearchParams} [parameters]
 */
export const fragmentOf = (path, parameters) => (parameters?.size ? `#${path}?${parameters}` : `#${path}`);

/**
 * The collection that a path lists, if the page shows it as a table.
 * @param {string} path
 */
const tableOf = (path) => Object.keys(facets).find((resource) => path === `/${resource}`);

/**
 * A link to what the page shows for a path of the API.
 * @param {string} path
 * @param {string} label
 */
export const linkTo = (path, label) => make("a", { href: fragmentOf(path) }, label);

/** The fragment as it is now. */
export const currentFragment = () => location.hash;

/**
 * Let the address say what a part already shows.
 * @param {string} path
 * @param {URLSearchParams} parameters
 */
export function recordAddress(path, parameters) {
  history.pushState(null, "", fragmentOf(path, parameters));
}

/**
 * Show a table without scrolling to it; what is typed leaves no trace in the history.
 * @param {string} resource
 * @param {URLSearchParams} parameters
 * @param {{ typed?: boolean }} [options]
 */
export function narrowTable(resource, parameters, { typed = false } = {}) {
  history[typed ? "replaceState" : "pushState"](null, "", fragmentOf(`/${resource}`, parameters));
  parts.table.show(resource, parameters);
}

/**
 * Show what the page shows for a path of the API, as a link to it would.
 * @param {string} path
 */
export function followPath(path) {
  if (location.hash === fragmentOf(path)) showAddress();
  else location.hash = fragmentOf(path);
}

/** Close the entry, and leave the fragment empty. */
export function leaveEntry() {
  if (location.hash) history.pushState(null, "", location.pathname + location.search);
  parts.entry.hide();
}

/** Show what the fragment asks for. */
function showAddress() {
  const { path, parameters } = parseFragment(location.hash);
  const resource = tableOf(path);
  if (resource) {
    parameters.delete("format");
    parts.table.show(resource, parameters);
    reveal(parts.table.root);
  } else if (path === "/lookup") {
    parts.lookup.show(parameters);
    reveal(parts.lookup.root);
  } else if (path === "/search") parts.search.show(parameters);
  else if (path.startsWith("/")) parts.entry.show(path, parameters);
  else if (!path) parts.entry.hide();
}

/**
 * Show what the fragment asks for, now and whenever it changes; a table is always there.
 * @param {Parts} started
 */
export function startAddress(started) {
  parts = started;
  addEventListener("hashchange", showAddress);
  const { path } = parseFragment(location.hash);
  const filled = tableOf(path) ? null : parts.table.show(Object.keys(facets)[0], new URLSearchParams());
  // The look-up stands below the table: it can be scrolled to when the table has its height.
  if (path === "/lookup") filled?.then(showAddress);
  else if (location.hash) showAddress();
}
