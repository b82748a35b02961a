// Finding and making elements, and the elements that several parts of the page use.

import { texts } from "./facts.js";

/** @typedef {string | Node | null | undefined | { [Symbol.iterator]: () => Iterator<Content> }} Content */

// Below this width the stylesheet opens an entry over the page.
const narrow = matchMedia("(max-width: 1023.98px)");
export const isNarrow = () => narrow.matches;

/**
 * Find an element by a selector. Throws if there is none of this kind.
 * @template {HTMLElement} Kind
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function findElement(within, selector, kind = /** @type {any} */ (HTMLElement)) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`There is no ${kind.name} at ${selector}.`);
  return found;
}

/**
 * Flatten nested lists of content, and drop null.
 * @param {Content} content
 * @returns {(string | Node)[]}
 */
export function flatten(content) {
  if (content === null || content === undefined) return [];
  if (typeof content === "string" || content instanceof Node) return [content];
  return [...content].flatMap(flatten);
}

/**
 * Make an element. Each name is set as a property if the element has one, else as an attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...Content} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) Reflect.set(element, name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...flatten(children));
  return element;
}

/**
 * @param {string} className
 * @param {Content[]} items
 */
export const makeList = (className, items) =>
  make(
    "ul",
    { className },
    items.map((item) => make("li", {}, item)),
  );

/** Make the placeholder for an unknown value. */
export const makeUnknown = () => make("span", { className: "muted", title: texts.unknown }, "—");

/**
 * Make an error message, with a button to try again if `retry` is given.
 * @param {Error} fault
 * @param {(() => void) | null} [retry]
 */
export const makeFailure = (fault, retry) =>
  make(
    "div",
    { className: "failure", role: "alert" },
    make("p", {}, fault.message),
    retry && make("button", { type: "button", className: "button", onclick: retry }, texts.again),
  );

/**
 * Announce a message to screen readers.
 * @param {string} message
 */
export const announce = (message) => findElement(document, "#announcement").replaceChildren(message);

/**
 * Scroll to a section unless its top is in the upper half of the window.
 * @param {Element} section
 */
export function reveal(section) {
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) section.scrollIntoView();
}

/**
 * Run a function after a pause in typing, but not while an input method (for Chinese) is composing.
 * @param {HTMLInputElement} input
 * @param {() => void} run
 */
export function onTyped(input, run) {
  /** @type {number | undefined} */
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(run, 120);
  };
  input.addEventListener("input", (event) => /** @type {InputEvent} */ (event).isComposing || soon());
  input.addEventListener("compositionend", soon);
}
