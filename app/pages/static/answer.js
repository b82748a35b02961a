// The answer to a question, above the hits of a search.

/** @import { Source } from "./api.js" */
import { make, makeList } from "./dom.js";
import { texts } from "./facts.js";

/** @typedef {{ answer: string | null, sources: Source[], same_as: string | null }} Answer */

// How many works are named; the call behind the answer has them all.
const NAMED = 3;

/**
 * Whether a query may be a question: it has several words, a question mark, or a sentence in Chinese.
 * @param {string} query
 */
export const isQuestion = (query) => /\S\s+\S|[?？]|[\u3400-\u9fff]{4}/.test(query);

/**
 * Make the answer, or nothing if the question is not understood.
 * @param {Answer} answer
 */
export function makeAnswer({ answer, sources, same_as }) {
  if (answer === null) return [];
  const named = (same_as ? sources : [])
    .slice(0, NAMED)
    .map(({ title, url }) => (url ? make("a", { href: url }, title) : title));
  return [
    make("h3", {}, texts.answer),
    make("p", { className: "said" }, answer),
    named.length ? makeList("said-by", named) : null,
    same_as ? make("a", { className: "same-as", href: same_as }, texts.answer_call) : null,
  ];
}
