// The choice of the language, which is remembered for the next visit.

import { currentFragment } from "./address.js";
import { lang } from "./facts.js";

const KEY = "lang";

/** The language chosen on an earlier visit; where the browser stores nothing, none was. */
function readLanguage() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/**
 * Remember the language, where the browser lets us.
 * @param {string} language
 */
function storeLanguage(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // The next visit starts in the language that the browser prefers.
  }
}

/**
 * Let each link to a language lead to what is shown now, and go to the language of the last visit.
 * @param {HTMLElement} root
 */
export function startLanguages(root) {
  const choices = [...root.querySelectorAll("a")];
  for (const choice of choices) {
    choice.onclick = () => {
      choice.hash = currentFragment();
      storeLanguage(choice.hreflang);
    };
  }
  const remembered = readLanguage();
  const offered = choices.some((choice) => choice.hreflang === remembered);
  if (offered && remembered !== lang && !new URLSearchParams(location.search).has("lang")) {
    location.replace(`/?lang=${remembered}${currentFragment()}`);
  }
}
