// The sections of an entry's panel.

/** @import { Entry, Source } from "./api.js" */
/** @import { Content } from "./dom.js" */
/** @import { Tree } from "./tree.js" */
import { followPath, leaveEntry, linkTo, linksTo } from "./address.js";
import { urlOf } from "./api.js";
import { copyText, makeCall } from "./call.js";
import { make, makeList, makeUnknown } from "./dom.js";
import { bases, facets, isStatic, lang, parents, tags, text, texts, translateValue } from "./facts.js";

/**
 * @param {string} heading
 * @param {...Content} content
 */
const makeSection = (heading, ...content) => make("section", {}, make("h3", {}, heading), content);

/**
 * Make a section with a list; null if the list is empty.
 * @param {string} heading
 * @param {string} className
 * @param {Content[]} items
 */
const makeListSection = (heading, className, items) =>
  items.length ? makeSection(heading, makeList(className, items)) : null;

/**
 * Make a button that shows a string and copies it.
 * @param {string} value
 */
function makeCopyButton(value) {
  const button = make("button", { type: "button", className: "chip code", title: texts.copy }, value);
  button.onclick = () => copyText(button);
  return button;
}

export const makeClose = () =>
  make(
    "button",
    { type: "button", className: "close", "aria-label": texts.close, title: texts.close, onclick: leaveEntry },
    "×",
  );

/**
 * Make a heading that can take the focus when an entry opens.
 * @param {string} name
 */
export const makeHeading = (name) => make("h2", { id: "entry-heading", tabIndex: -1 }, name);

/**
 * Say why an entry is no longer to be used, and what to use instead; null if it is in use.
 * @param {Entry["deprecated"]} deprecated
 */
function makeDeprecation(deprecated) {
  if (!deprecated) return null;
  const { since, reason, replaced_by } = deprecated;
  return make(
    "div",
    { className: "remark" },
    make("h3", {}, texts.deprecated),
    make("p", {}, since ? text("deprecated_since", { date: since, reason }) : reason),
    replaced_by.length ? make("p", {}, `${texts.replaced_by} `, makeList("inline", linksTo(replaced_by))) : null,
  );
}

/**
 * Link to the lists of what is based on a product; null if nothing is, or lists cannot be filtered.
 * @param {Entry} entry
 */
function makeBases({ id, url }) {
  if (!bases[url] || isStatic) return null;
  const links = bases[url].map((resource) => linkTo(`/${resource}?based_on=${id}`, texts[resource]));
  return [texts.bases, makeList("inline", links)];
}

/**
 * Describe a field by its label and value; null if the collection has no such field.
 * @param {Entry} entry
 * @param {string} name
 * @returns {[string, Content] | null}
 */
function describeField(entry, name) {
  const value = entry[name];
  if (value === undefined || value?.length === 0) return null;
  if (Array.isArray(value)) return [texts[name], makeList("inline", linksTo(value))];
  if (value === null) return [texts[name], makeUnknown()];
  if (name !== "website") return [texts[name], translateValue(value)];
  const host = value.replace(/^https?:\/\/(www\.)?|\/$/g, "");
  return [texts.website, make("a", { href: value, rel: "noreferrer" }, host)];
}

/**
 * Make the list of an entry's facts, its parent first.
 * @param {Entry} entry
 * @param {Tree} tree
 */
function makeFacts(entry, tree) {
  const parent = parents[entry.url.split("/")[1]];
  const above = parent && `/${parent.resource}/${entry[parent.field]}`;
  const broader = `/concepts/${entry.broader}`;
  const pairs = [
    above ? [texts.belongs, linkTo(above, tree.nameOf(above) ?? above)] : null,
    entry.broader ? [texts.broader, linkTo(broader, tree.nameOf(broader) ?? entry.broader)] : null,
    ...["vendor", "license", "status", "website", "based_on", "related"].map((name) => describeField(entry, name)),
    makeBases(entry),
    [texts.fields.id, make("code", {}, entry.id)],
  ];
  const shown = pairs.map((pair) => pair && [make("dt", {}, pair[0]), make("dd", {}, pair[1])]);
  return make("dl", { className: "facts" }, shown);
}

/**
 * Make the form that compares a product with another one; null for an entry that is no product.
 * @param {Entry} entry
 * @param {Tree} tree
 */
function makeComparer(entry, tree) {
  const [, resource] = entry.url.split("/");
  const others = tree.othersOf(entry.url);
  if (isStatic || !facets[resource] || !others.length) return null;
  const options = others.map(([path, name]) => make("option", { value: path?.split("/")[2] }, name));
  const select = make("select", {}, options);
  const label = make("label", {}, texts.compare_with, select);
  const form = make(
    "form",
    { className: "comparer" },
    label,
    make("button", { className: "button" }, texts.compare_entries),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    followPath(`/${resource}?id=${entry.id}&id=${select.value}`);
  };
  return form;
}

/** @param {Entry} entry */
function makeRemark({ remark, remark_kind }) {
  const heading = remark_kind === "disputed" ? texts.remark_disputed : texts.remark;
  return make("div", { className: "remark" }, make("h3", {}, heading), make("p", {}, remark));
}

/** @param {Source} source */
function makeSource({ title, section, url, supports, kind, read }) {
  const told = [kind, read === "copy" ? read : null].flatMap((name) => (name ? [texts.kinds[name]] : []));
  const fields = supports.map((field) => texts[field] ?? texts.fields[field] ?? field).join(texts.separator);
  return [
    url ? make("a", { href: url, rel: "noreferrer" }, title) : make("span", {}, title),
    section ? make("span", { className: "section" }, section) : null,
    make("small", {}, [...told, text("supports", { fields })].join(" · ")),
  ];
}

/** @param {Entry["identifiers"]} identifiers */
function makeIdentifiers(identifiers) {
  const schemes = Map.groupBy(identifiers, ({ scheme }) => scheme);
  return makeSection(
    texts.identifiers,
    make("p", { className: "muted small" }, texts.identifiers_about),
    make(
      "dl",
      { className: "identifiers" },
      [...schemes].map(([scheme, values]) => [
        make("dt", {}, scheme),
        make(
          "dd",
          {},
          values.map(({ value }) => makeCopyButton(value)),
        ),
      ]),
    ),
  );
}

/**
 * @param {Entry} entry
 * @param {Tree} tree
 * @returns {Content[]}
 */
export function makeEntry(entry, tree) {
  const resource = entry.url.split("/")[1];
  const lower = Object.keys(parents).filter((child) => parents[child].resource === resource);
  const below = lower.flatMap((child) => entry[child] ?? []);
  const labels = Object.entries(entry.labels).filter(([language, label]) => language !== lang && label !== entry.name);
  return [
    makeClose(),
    make("p", { className: "kind" }, texts.resources[resource]),
    makeHeading(entry.name),
    labels.map(([language, label]) => make("p", { className: "label", lang: tags[language] }, label)),
    make("p", { className: "summary" }, entry.summary),
    makeDeprecation(entry.deprecated),
    entry.remark && makeRemark(entry),
    makeFacts(entry, tree),
    makeComparer(entry, tree),
    makeCall(urlOf(entry.url)),
    makeListSection(texts.characteristics, "plainly", entry.characteristics ?? []),
    makeListSection(texts.holds, "inline", linksTo(below)),
    makeListSection(
      texts.aliases,
      "chips",
      entry.aliases.map((alias) => make("span", { className: "chip" }, alias)),
    ),
    entry.identifiers.length ? makeIdentifiers(entry.identifiers) : null,
    makeListSection(texts.sources, "sources", entry.sources.map(makeSource)),
  ];
}
