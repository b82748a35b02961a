// Elements: how they are found and made, and the few that several parts of the page show.

import { texts } from "./facts.js";

/** @typedef {string | Node | null | undefined | { [Symbol.iterator]: () => Iterator<Content> }} Content */

// Below this width the tree is a list with indents, and an entry lies over the page.
const narrow = matchMedia("(max-width: 1079px)");
export const isNarrow = () => narrow.matches;

/**
 * The element that a selector finds; throws if there is none of this kind.
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
 * What is to be shown out of nested lists, in which null stands for nothing.
 * @param {Content} content
 * @returns {(string | Node)[]}
 */
export function flatten(content) {
  if (content === null || content === undefined) return [];
  if (typeof content === "string" || content instanceof Node) return [content];
  return [...content].flatMap(flatten);
}

/**
 * A new element; a property is set if the element has one of that name, else an attribute.
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
 * A list of things.
 * @param {string} className
 * @param {Content[]} items
 */
export const makeList = (className, items) =>
  make(
    "ul",
    { className },
    items.map((item) => make("li", {}, item)),
  );

/** What stands for a value that is not known. */
export const makeUnknown = () => make("span", { className: "muted", title: texts.unknown }, "—");

/**
 * What is shown in place of an answer that did not come.
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
 * Tell those who do not see the page.
 * @param {string} message
 */
export const announce = (message) => findElement(document, "#announcement").replaceChildren(message);

/**
 * Scroll to a part of the page unless its beginning is in sight.
 * @param {Element} section
 */
export function reveal(section) {
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) section.scrollIntoView();
}

/**
 * Run a function when nothing has been typed for a moment; what an input method still composes is no word yet.
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
