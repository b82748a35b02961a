// The API call behind what the page shows.

import { announce, flatten, make } from "./dom.js";
import { operations, prefix, text, texts } from "./facts.js";

/**
 * Copy an element's text. Without TLS browsers offer no clipboard API, so select the text and use the old command.
 * @param {HTMLElement} element
 * @param {HTMLElement} [label] The element that shows that the text is copied.
 */
export async function copyText(element, label = element) {
  const content = element.textContent ?? "";
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    getSelection()?.selectAllChildren(element);
    document.execCommand("copy");
  }
  label.classList.add("copied");
  setTimeout(() => label.classList.remove("copied"), 1200);
  announce(text("copied", { text: content }));
}

/**
 * Make a line of code with a button that copies it.
 * @param {HTMLElement} code
 * @param {string} label
 */
function makeLine(code, label) {
  const button = make("button", { type: "button", className: "copy", "aria-label": label, title: label });
  button.onclick = () => copyText(code, button);
  return make("div", { className: "line" }, code, button);
}

/**
 * Describe a call by its URL, a curl command and a link to its operation in Swagger UI.
 * @param {string} url
 */
function describeCall(url) {
  const { href } = new URL(url, location.href);
  const [path, query] = url.slice(prefix.length).split("?");
  const operation = operations[path] ?? operations[path.replace(/[^/]+$/, "{id}")];
  const parameters = new URLSearchParams(query);
  if (!(path in operations)) parameters.set("id", decodeURIComponent(path.replace(/^.*\//, "")));
  return [
    make("h3", {}, texts.call),
    makeLine(make("a", { href: url, className: "url" }, href), texts.copy_url),
    makeLine(make("code", {}, `curl -s '${href.replaceAll("'", "%27")}'`), texts.copy_curl),
    operation ? make("a", { href: `${prefix}/docs#/${operation}?${parameters}` }, texts.try) : null,
  ];
}

/** @param {string} url */
export const makeCall = (url) => make("div", { className: "call" }, describeCall(url));

/** Fill the boxes that the service rendered into the page. */
export function startCalls() {
  for (const box of document.querySelectorAll(".call[data-url]")) {
    box.replaceChildren(...flatten(describeCall(box.getAttribute("data-url") ?? "")));
  }
}
