// The choice of language, which the browser stores for the next visit.

import { currentFragment } from "./address.js";
import { isStatic, lang } from "./facts.js";

const KEY = "lang";

/** Read the language that was chosen on an earlier visit; null if the browser does not allow storage. */
function readLanguage() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/**
 * Store the language, if the browser allows it.
 * @param {string} language
 */
function storeLanguage(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Without storage, the next visit starts in the browser's preferred language.
  }
}

/**
 * Keep the fragment when the language changes, and go to the language of the last visit.
 * @param {HTMLElement} root
 */
export function startLanguages(root) {
  const choices = [...root.querySelectorAll("a")];
  for (const choice of choices) {
    choice.onclick = () => {
      choice.hash = currentFragment();
      storeLanguage(choice.dataset.lang ?? lang);
    };
  }
  const remembered = readLanguage();
  const choice = choices.find((each) => each.dataset.lang === remembered);
  // In a static copy, the address of the first language says nothing about what the reader wants.
  const chosen = isStatic ? lang !== choices[0].dataset.lang : new URLSearchParams(location.search).has("lang");
  if (choice && remembered !== lang && !chosen) location.replace(choice.href + currentFragment());
}
