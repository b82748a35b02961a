// The explorer. All that it shows is the answer to a call of the API, and the fragment of the page's address is
// the path of that call: `#/hypervisors/kvm` opens an entry, `#/hypervisors?type=hosted` narrows the table,
// `#/lookup?value=kvm` resolves values.

const page = JSON.parse(document.querySelector("#facts").textContent);
const { lang, texts, operations, facets: FACETS, parents, limits } = page;
const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const tree = find("#tree");
const items = findAll("a", tree);
// Below this width the tree is a list with indents, and an entry lies over the page.
const narrow = matchMedia("(max-width: 1079px)");

// ---- Text and elements

/** A text of the page, with what is put in. */
const text = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

/** A value of a closed vocabulary in words, any other value as it is. */
const worded = (value) => texts.values[value] ?? value;

/** What is to be shown out of nested lists, in which null stands for nothing. */
const given = (content) => content.flat(Infinity).filter((child) => child !== null && child !== undefined);

/** A new element; a property is set if the element has one of that name, else an attribute. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...given(children));
  return element;
}

/** Tell those who do not see the page. */
const announce = (message) => find("#announcement").replaceChildren(message);

/** A link to what the page shows for a path of the API. */
const link = (path, label, properties = {}) => make("a", { href: `#${path}`, ...properties }, label);

/** The names of entries, by path, as the tree shows them. */
const names = new Map(items.map((item) => [item.dataset.path, item.textContent]));

// ---- The API

/** A path with parameters and the page's language. */
function address(path, parameters = new URLSearchParams(), more = {}) {
  const all = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries({ ...more, lang })) all.set(name, value);
  return `${path}?${all}`;
}

/** The answer to a call; throws an Error whose message can be shown. */
async function ask(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal, headers: { Accept: "application/json" } });
  } catch (fault) {
    throw signal.aborted ? fault : new Error(texts.unreachable);
  }
  const answer = await response.json().catch(() => null);
  signal.throwIfAborted();
  if (!response.ok || answer === null) throw new Error(answer?.detail ?? `${response.status} ${response.statusText}`);
  return answer;
}

/** Runs a task with the guarantee that the last one started wins: the one before is aborted, and shows nothing. */
function newest(task, failed) {
  let controller = new AbortController();
  const run = async (...inputs) => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    try {
      await task(signal, ...inputs);
    } catch (fault) {
      if (!signal.aborted) failed(fault, () => run(...inputs));
    }
  };
  run.cancel = () => controller.abort();
  return run;
}

/** Runs a function when it has not been called for a moment. */
function calm(run, milliseconds = 120) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
}

/** What is shown in place of an answer that did not come. */
const failure = (fault, retry) =>
  make("div", { className: "failure", role: "alert" }, make("p", {}, fault.message), retry ? again(retry) : null);
const again = (retry) => make("button", { type: "button", className: "button", onclick: retry }, texts.again);

// ---- The call behind what is shown

/** Copy what an element shows; where the page may not (without TLS), it is selected, and copied the old way. */
async function copy(element, label = element) {
  const content = element.textContent;
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    getSelection().selectAllChildren(element);
    document.execCommand("copy");
  }
  label.classList.add("copied");
  setTimeout(() => label.classList.remove("copied"), 1200);
  announce(text("copied", { text: content }));
}

/** A line of code with a button that copies it. */
function line(code, label) {
  const button = make("button", { type: "button", className: "copy", "aria-label": label, title: label });
  button.onclick = () => copy(code, button);
  return make("div", { className: "line" }, code, button);
}

/** The URL, a command and a link into Swagger UI for the call that gave what is shown. */
function call(url) {
  const path = url.split("?")[0];
  const operation = operations[path] ?? operations[path.replace(/[^/]+$/, "{id}")];
  return [
    make("h3", {}, texts.call),
    line(make("a", { href: url, className: "url" }, new URL(url, location).href), texts.copy_url),
    line(make("code", {}, `curl -s '${new URL(url, location).href.replaceAll("'", "%27")}'`), texts.copy_curl),
    operation ? make("a", { href: `/docs#/${operation}` }, texts.try) : null,
  ];
}
const callBlock = (url) => make("div", { className: "call" }, call(url));

// ---- The tree: the list that the service rendered, drawn, and walked as an ARIA tree

const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
const paths = [...tree.children].map(() => document.createElementNS(drawing.namespaceURI, "path"));
const groupOf = (item) => find(":scope > ul", item.parentElement);
const upper = (item) => items.find((other) => groupOf(other) === item.parentElement.parentElement);
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const visible = () => items.filter((item) => !item.closest("ul[hidden]"));

/** The branches below an item, as the commands of an SVG path. */
function branches(item, origin) {
  const group = groupOf(item);
  if (!group || group.hidden) return "";
  const box = item.getBoundingClientRect();
  const count = item.nextElementSibling.getBoundingClientRect();
  return [...group.children]
    .map((child) => {
      const lower = child.firstElementChild;
      const to = lower.getBoundingClientRect();
      const [x, y] = [to.left - origin.left, to.top + to.height / 2 - origin.top];
      const beside = to.left > count.right;
      const [fromX, fromY] = beside
        ? [box.right - origin.left, box.top + box.height / 2 - origin.top]
        : [box.left + 14 - origin.left, box.bottom - origin.top];
      const stem = count.right - origin.left;
      const middle = (stem + x) / 2;
      const curve = beside
        ? `M${fromX} ${fromY}H${stem}C${middle} ${fromY} ${middle} ${y} ${x} ${y}`
        : `M${fromX} ${fromY}V${y - 8}Q${fromX} ${y} ${fromX + 8} ${y}H${x}`;
      return curve + branches(lower, origin);
    })
    .join("");
}

function draw() {
  const origin = tree.getBoundingClientRect();
  const commands = [...tree.children].map((root) => branches(root.firstElementChild, origin));
  commands.forEach((command, at) => paths[at].setAttribute("d", command));
}

function expand(item, open) {
  const group = groupOf(item);
  if (!group) return;
  group.hidden = !open;
  item.setAttribute("aria-expanded", open);
  const parents = items.filter(groupOf);
  find("#collapse").setAttribute("aria-pressed", !parents.some(isOpen));
  find("#collapse").textContent = parents.some(isOpen) ? texts.collapse_all : texts.expand_all;
  if (group.contains(find('a[tabindex="0"]', tree)) && !open) makeCurrent(item);
  draw();
}

/** Let the tabulator key reach this item of the tree, and no other. */
function makeCurrent(item) {
  for (const other of items) other.tabIndex = other === item ? 0 : -1;
}

function focusItem(item) {
  if (!item) return;
  makeCurrent(item);
  item.focus();
}

function walk(event) {
  const item = event.target.closest("a");
  if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
  const shown = visible();
  const at = shown.indexOf(item);
  const keys = {
    ArrowDown: () => focusItem(shown[at + 1]),
    ArrowUp: () => focusItem(shown[at - 1]),
    Home: () => focusItem(shown[0]),
    End: () => focusItem(shown.at(-1)),
    ArrowRight: () => (groupOf(item) && !isOpen(item) ? expand(item, true) : groupOf(item) && focusItem(shown[at + 1])),
    ArrowLeft: () => (isOpen(item) ? expand(item, false) : focusItem(upper(item))),
    " ": () => item.click(),
    "*": () => [...item.closest("ul").children].forEach((other) => expand(other.firstElementChild, true)),
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  } else if (event.key.length === 1 && event.key !== "/") {
    const next = [...shown.slice(at + 1), ...shown.slice(0, at)];
    focusItem(next.find((other) => other.textContent.toLowerCase().startsWith(event.key.toLowerCase())));
  }
}

function startTree() {
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-labelledby", "tree-heading");
  items.forEach((item, at) => {
    const group = groupOf(item);
    item.href = `#${item.dataset.path}`;
    item.parentElement.setAttribute("role", "none");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-selected", false);
    if (!group) return;
    group.id = `branch-${at}`;
    group.setAttribute("role", "group");
    item.setAttribute("aria-label", item.textContent);
    item.setAttribute("aria-owns", group.id);
    item.setAttribute("aria-expanded", true);
    item.nextElementSibling.setAttribute("aria-hidden", true);
    item.nextElementSibling.onclick = () => expand(item, !isOpen(item));
  });
  makeCurrent(items[0]);
  tree.addEventListener("keydown", walk);
  tree.addEventListener("focusin", (event) => makeCurrent(event.target));
  find("#collapse").onclick = () => {
    const open = !items.some(isOpen);
    for (const item of items) expand(item, open);
  };
  drawing.setAttribute("class", "branches");
  drawing.setAttribute("aria-hidden", true);
  drawing.append(...paths);
  tree.before(drawing);
  tree.classList.add("drawn");
  new ResizeObserver(draw).observe(tree);
  draw();
}

/** Mark an entry in the tree, and open the branches that lead to it. */
function select(path) {
  for (const item of items) {
    const chosen = item.dataset.path === path;
    item.setAttribute("aria-selected", chosen);
    if (!chosen) continue;
    for (let above = upper(item); above; above = upper(above)) if (!isOpen(above)) expand(above, true);
    makeCurrent(item);
  }
}

// ---- An entry

const entry = find("#entry");
const about = find(".about");
let opener = null;

const facts = (...pairs) =>
  make("dl", { className: "facts" }, pairs.filter(Boolean).map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
const part = (heading, ...content) => make("section", {}, make("h3", {}, heading), ...content);
const list = (className, values) => make("ul", { className }, values.map((value) => make("li", {}, value)));
const unknown = () => make("span", { className: "muted", title: texts.unknown }, "—");

/** A string that is copied by a click. */
function copied(value) {
  const button = make("button", { type: "button", className: "chip code", title: texts.copy }, value);
  button.onclick = () => copy(button);
  return button;
}

function fact(name, value) {
  if (value === undefined) return null;
  if (value === null) return [texts[name], unknown()];
  if (name === "website") return [texts.website, make("a", { href: value, rel: "noreferrer" }, value.replace(/^https?:\/\/(www\.)?|\/$/g, ""))];
  return [texts[name], worded(value)];
}

function source(cited) {
  return [
    cited.url ? make("a", { href: cited.url, rel: "noreferrer" }, cited.title) : make("span", {}, cited.title),
    cited.section ? make("span", { className: "section" }, cited.section) : null,
    make("small", {}, text("supports", { fields: cited.supports.map((field) => texts[field] ?? texts.fields[field] ?? field).join(", ") })),
  ];
}

/** The sections of an entry's panel. */
function sections(record, url) {
  const resource = record.url.split("/")[1];
  const parent = parents[resource];
  const above = parent ? `/${parent.resource}/${record[parent.field]}` : null;
  const below = Object.keys(parents).flatMap((lower) => (parents[lower].resource === resource && record[lower]) || []);
  const schemes = Map.groupBy(record.identifiers, (identifier) => identifier.scheme);
  const other = Object.entries(record.labels).filter(([language, label]) => language !== lang && label !== record.name);
  return [
    make("button", { type: "button", className: "close", "aria-label": texts.close, title: texts.close, onclick: close }, "×"),
    make("p", { className: "kind" }, texts.resources[resource]),
    make("h2", { id: "entry-heading", tabIndex: -1 }, record.name),
    other.map(([language, label]) => make("p", { className: "label", lang: language }, label)),
    make("p", { className: "summary" }, record.summary),
    record.remark ? make("div", { className: "remark" }, make("h3", {}, texts.remark), make("p", {}, record.remark)) : null,
    facts(
      above && [texts.belongs, link(above, names.get(above) ?? above)],
      fact("vendor", record.vendor),
      fact("license", record.license),
      fact("status", record.status),
      fact("website", record.website),
      ["id", make("code", {}, record.id)],
    ),
    callBlock(url),
    record.characteristics?.length ? part(texts.characteristics, list("plainly", record.characteristics)) : null,
    below.length ? part(texts.holds, list("inline", below.map((lower) => link(lower.url, lower.name)))) : null,
    record.aliases.length ? part(texts.aliases, list("chips", record.aliases.map((alias) => make("span", { className: "chip" }, alias)))) : null,
    schemes.size
      ? part(
          texts.identifiers,
          make("p", { className: "muted small" }, texts.identifiers_about),
          make("dl", { className: "identifiers" }, [...schemes].map(([scheme, values]) => [make("dt", {}, scheme), make("dd", {}, values.map(({ value }) => copied(value)))])),
        )
      : null,
    part(texts.sources, list("sources", record.sources.map(source))),
  ];
}

/** Show something in the place of the entry. */
function present(...content) {
  about.hidden = true;
  entry.hidden = false;
  entry.replaceChildren(...given(content));
  entry.scrollTop = 0;
}

const open = newest(
  async (signal, path, parameters) => {
    const walking = tree.contains(document.activeElement);
    if (!entry.contains(document.activeElement)) opener = document.activeElement;
    select(path);
    entry.setAttribute("aria-busy", true);
    if (entry.hidden) present(make("p", { className: "loading" }, texts.loading));
    const record = await ask(address(path, parameters), signal);
    entry.removeAttribute("aria-busy");
    select(record.url);
    present(sections(record, address(record.url)));
    document.title = `${record.name} · ${texts.title}`;
    announce(`${record.name}. ${record.summary}`);
    if (!walking || narrow.matches) find("#entry-heading").focus({ preventScroll: true });
    if (!narrow.matches) reveal(find(".first"));
  },
  (fault, retry) => {
    entry.removeAttribute("aria-busy");
    const closing = make("button", { type: "button", className: "close", "aria-label": texts.close, onclick: close }, "×");
    present(closing, make("h2", { id: "entry-heading", tabIndex: -1 }, texts.problem), failure(fault, retry));
  },
);

function close() {
  if (entry.hidden) return;
  open.cancel();
  entry.hidden = true;
  about.hidden = false;
  document.title = texts.title;
  select(null);
  if (location.hash) history.pushState(null, "", location.pathname + location.search);
  (opener?.isConnected && opener !== document.body ? opener : find('a[tabindex="0"]', tree)).focus();
}

/** Scroll to a part of the page unless its beginning is in sight. */
function reveal(section) {
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) section.scrollIntoView();
}

// ---- The search

const searchBox = find("#search");
const hits = find("#hits");
const results = find(".results");
const searchStatus = find("#search-status");
let chosen = -1;

/** A text with the part from `start` to `end` marked; the API counts in code points. */
function marked({ value, start, end }) {
  const points = [...value];
  const from = Math.max(0, start - 24);
  const to = Math.min(points.length, end + 40);
  const piece = (first, last) => points.slice(first, last).join("");
  return [from ? "…" : "", piece(from, start), make("mark", {}, piece(start, end)), piece(end, to), to < points.length ? "…" : ""];
}

/** Where a hit's name holds the words of the search, it is marked there; else the text that holds them follows. */
function hit(found, at) {
  const named = found.matched.find((match) => match.field === "name" && match.value === found.name);
  const others = found.matched.filter((match) => match !== named);
  return make(
    "li",
    { id: `hit-${at}`, role: "option", "aria-selected": false, onclick: () => go(found.url), onpointermove: () => choose(at) },
    make("span", { className: "hit-name" }, named ? marked(named) : found.name),
    make("span", { className: "hit-kind" }, texts.resources[found.resource]),
    others.map((match) => make("span", { className: "hit-match" }, make("span", { className: "muted" }, `${match.scheme ?? texts.fields[match.field]}  `), marked(match))),
  );
}

function choose(at) {
  chosen = at;
  [...hits.children].forEach((option, place) => option.setAttribute("aria-selected", place === at));
  if (at < 0) searchBox.removeAttribute("aria-activedescendant");
  else searchBox.setAttribute("aria-activedescendant", `hit-${at}`);
  hits.children[at]?.scrollIntoView({ block: "nearest" });
}

function showResults(shown) {
  results.hidden = !shown;
  searchBox.setAttribute("aria-expanded", shown && hits.children.length > 0);
  if (!shown) choose(-1);
}

const search = newest(
  async (signal, query) => {
    const page = await ask(address("/search", new URLSearchParams({ q: query, limit: 8 })), signal);
    hits.replaceChildren(...page.items.map(hit));
    searchStatus.replaceChildren(page.total ? text("found", { total: page.total }) : text("nothing_found", { query }));
    showResults(true);
    choose(page.items.length ? 0 : -1);
  },
  (fault) => {
    hits.replaceChildren();
    searchStatus.replaceChildren(fault.message);
    showResults(true);
  },
);

function searchNow() {
  const query = searchBox.value.trim();
  if (query) search(query);
  else {
    search.cancel();
    hits.replaceChildren();
    showResults(false);
  }
}

function startSearch() {
  const soon = calm(searchNow);
  // What an input method is still composing is no word yet.
  searchBox.addEventListener("input", (event) => event.isComposing || soon());
  searchBox.addEventListener("compositionend", soon);
  searchBox.addEventListener("focus", () => showResults(hits.children.length > 0));
  searchBox.addEventListener("blur", () => showResults(false));
  // A press on a hit must not take the focus before the click comes.
  results.addEventListener("pointerdown", (event) => event.preventDefault());
  results.addEventListener("mousedown", (event) => event.preventDefault());
  searchBox.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const total = hits.children.length;
    const keys = {
      ArrowDown: () => total && (results.hidden ? (showResults(true), choose(0)) : choose((chosen + 1) % total)),
      ArrowUp: () => total && (results.hidden ? showResults(true) : null, choose((chosen - 1 + total) % total)),
      Enter: () => (results.hidden || !hits.children[chosen] ? searchNow() : hits.children[chosen].click()),
      Escape: () => {
        if (results.hidden) searchBox.value = "";
        search.cancel();
        showResults(false);
      },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      searchBox.focus();
      searchBox.select();
    } else if (event.key === "Escape" && !typing) close();
  });
}

// ---- The table

const facetsOf = (path) => FACETS[path.slice(1)];
const filter = find("#filter");
let listed = { path: `/${Object.keys(FACETS)[0]}`, parameters: new URLSearchParams() };

/** A value of a field as a person reads it. */
function shownAs(path, field, value) {
  const parent = parents[path.slice(1)];
  return field === parent.field ? (names.get(`/${parent.resource}/${value}`) ?? value) : worded(value);
}

/** Parameters without one of them, or without one of its values. */
function without(parameters, name, value) {
  const left = new URLSearchParams(parameters);
  left.delete(name, value);
  return left;
}

/** Change what the table shows and, with it, the address of the page. */
function narrowTo(path, parameters, { typed = false } = {}) {
  const fragment = parameters.size ? `#${path}?${parameters}` : `#${path}`;
  history[typed ? "replaceState" : "pushState"](null, "", fragment);
  showTable(path, parameters);
}

function toggled(parameters, name, value) {
  if (parameters.has(name, value)) return without(parameters, name, value);
  const more = new URLSearchParams(parameters);
  more.append(name, value);
  return more;
}

/** The values of each facet with their counts: what each would give beside the filters of the other facets. */
async function counts(path, parameters, signal) {
  const chosenNames = facetsOf(path).filter((name) => parameters.has(name));
  const others = facetsOf(path).filter((name) => !parameters.has(name));
  const counted = async (facets, beside) => {
    for (const name of facets) beside.append("facet", name);
    beside.set("limit", 1);
    return (await ask(address(path, beside), signal)).facets;
  };
  const answers = await Promise.all([
    counted(others, new URLSearchParams(parameters)),
    ...chosenNames.map((name) => counted([name], without(parameters, name))),
  ]);
  const facets = Object.assign({}, ...answers);
  return facetsOf(path).map((name) => {
    const missing = parameters.getAll(name).filter((value) => !facets[name].some((known) => known.value === value));
    return [name, [...facets[name], ...missing.map((value) => ({ value, count: 0 }))]];
  });
}

function facet([name, values]) {
  const { path, parameters } = listed;
  return make(
    "div",
    { className: "facet", role: "group", "aria-label": texts[name] },
    make("span", { className: "facet-name" }, texts[name]),
    values.map(({ value, count }) =>
      make(
        "button",
        {
          type: "button",
          className: "chip",
          "aria-pressed": parameters.has(name, value),
          "data-key": `${name}=${value}`,
          onclick: () => narrowTo(path, toggled(parameters, name, value)),
        },
        shownAs(path, name, value),
        make("span", { className: "number" }, ` ${count}`),
      ),
    ),
  );
}

function row(path, record) {
  const columns = facetsOf(path).filter((name) => name !== "pack");
  const cell = (name) => (record[name] === null ? unknown() : shownAs(path, name, record[name]));
  const more = ["vendor", "license"].map((name) => record[name]).filter(Boolean).map(worded).join(" · ");
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, link(record.url, record.name), make("span", { className: "beneath" }, more)),
    columns.map((name) => make("td", { className: name }, name === "status" && record.status ? make("span", { className: `status ${record.status}` }, cell(name)) : cell(name))),
  );
}

function table(path, parameters, records) {
  const columns = facetsOf(path).filter((name) => name !== "pack");
  const sorted = { name: "ascending", "-name": "descending" }[parameters.get("sort")];
  const next = { ascending: "-name", descending: null }[sorted];
  const order = () => {
    const others = without(parameters, "sort");
    if (next !== null) others.set("sort", next ?? "name");
    narrowTo(path, others);
  };
  const heading = make("th", { scope: "col" }, make("button", { type: "button", className: "plain", "data-key": "sort", onclick: order }, texts.name));
  if (sorted) heading.setAttribute("aria-sort", sorted);
  return make(
    "table",
    { "aria-labelledby": "products-heading" },
    make("thead", {}, make("tr", {}, heading, columns.map((name) => make("th", { scope: "col", className: name }, texts[name])))),
    make("tbody", {}, records.map((record) => row(path, record))),
  );
}

const rows = find("#rows");
const showTable = newest(
  async (signal, path, parameters) => {
    listed = { path, parameters };
    for (const button of findAll("[data-resource]")) button.setAttribute("aria-pressed", button.dataset.resource === path);
    if (document.activeElement !== filter) filter.value = parameters.get("q") ?? "";
    const filtered = without(without(without(parameters, "sort"), "limit"), "offset");
    find("#clear").hidden = filtered.size === 0;
    find("#csv").href = address(path, without(without(parameters, "limit"), "offset"), { format: "csv" });
    rows.setAttribute("aria-busy", true);
    const url = address(path, parameters);
    const [page, facets] = await Promise.all([ask(url, signal), counts(path, parameters, signal)]);
    const focused = document.activeElement?.dataset.key;
    rows.removeAttribute("aria-busy");
    find("#facets").replaceChildren(...facets.filter(([name, values]) => name !== "pack" || values.length > 1).map(facet));
    find("#table-status").replaceChildren(text("matching", { total: page.total }));
    rows.replaceChildren(page.items.length ? table(path, parameters, page.items) : empty(path), ...rest(path, parameters, page), callBlock(url));
    if (focused) findAll("[data-key]", find("#products")).find((button) => button.dataset.key === focused)?.focus();
  },
  (fault, retry) => {
    rows.removeAttribute("aria-busy");
    find("#table-status").replaceChildren();
    rows.replaceChildren(failure(fault, retry));
  },
);

const empty = (path) =>
  make(
    "div",
    { className: "empty" },
    make("p", {}, texts.nothing_matches),
    make("button", { type: "button", className: "button", onclick: () => narrowTo(path, new URLSearchParams()) }, texts.clear_filters),
  );

/** A button that asks for a longer page, if there is more. */
function rest(path, parameters, page) {
  const more = page.total > page.items.length && page.limit < limits.entries && page.offset === 0;
  if (!more) return [];
  const longer = new URLSearchParams(parameters);
  longer.set("limit", Math.min(limits.entries, page.limit * 4));
  const button = make("button", { type: "button", className: "plain", onclick: () => narrowTo(path, longer) }, texts.more);
  return [make("p", {}, text("shown", { shown: page.items.length, total: page.total }), " ", button)];
}

function startTable() {
  for (const button of findAll("[data-resource]")) button.onclick = () => narrowTo(button.dataset.resource, new URLSearchParams());
  find("#clear").onclick = () => {
    filter.value = "";
    narrowTo(listed.path, new URLSearchParams());
    filter.focus();
  };
  const soon = calm(() => {
    const parameters = without(listed.parameters, "q");
    if (filter.value.trim()) parameters.set("q", filter.value.trim());
    narrowTo(listed.path, parameters, { typed: true });
  });
  filter.addEventListener("input", (event) => event.isComposing || soon());
  filter.addEventListener("compositionend", soon);
}

// ---- The look-up

// What every proxy lets through in a URL.
const URL_LENGTH = 16_000;
const SAMPLE = ["kvm", "kvm", "vmware", "VMwareVMware", "oracle", "microsoft", "docker", "裸金属", "none"];
const pasted = find("#values");
const resolved = find("#resolved div");
const lookupStatus = find("#lookup-status");

/** Values in groups that fit into one request each. */
function batches(values) {
  const groups = [];
  let room = 0;
  for (const value of values) {
    const size = new URLSearchParams({ value }).toString().length + 1;
    if (size > room || groups.at(-1).length === limits.values) {
      groups.push([]);
      room = URL_LENGTH;
    }
    groups.at(-1).push(value);
    room -= size;
  }
  return groups;
}

/** The parameters of a look-up. */
function asked(values, scheme) {
  const parameters = new URLSearchParams(values.map((value) => ["value", value]));
  if (scheme) parameters.set("scheme", scheme);
  return parameters;
}

/** The cell of a CSV; what a spreadsheet would run as a formula stands behind an apostrophe. */
function csvCell(value) {
  const formula = page.csv.formula_starts.some((start) => value.startsWith(start)) || /^\p{Cc}/u.test(value);
  const safe = formula ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The results as a file, as the API writes its own: UTF-8 with a byte order mark, lists joined by semicolons. */
function csvFile(results) {
  const lines = [["value", "lines", "match", "ids", "names"]];
  for (const { value, count, match, items: found } of results) {
    lines.push([value, String(count), match, found.map((item) => item.id).join(page.csv.list_separator), found.map((item) => item.name).join(page.csv.list_separator)]);
  }
  const content = lines.map((cells) => cells.map(csvCell).join(",") + "\r\n").join("");
  return new Blob(["\uFEFF", content], { type: "text/csv;charset=utf-8" });
}

let file = "";
const resolve = newest(
  async (signal, values, scheme) => {
    const times = new Map();
    for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
    if (times.size === 0) throw new Error(texts.nothing_pasted);
    lookupStatus.replaceChildren(texts.loading);
    // What is longer than any value that the API takes denotes nothing.
    const short = [...times.keys()].filter((value) => [...value].length <= limits.characters && !value.includes("\0"));
    const answers = new Map();
    for (const batch of batches(short)) {
      const answer = await ask(address("/lookup", asked(batch, scheme)), signal);
      for (const result of answer.results) answers.set(result.value, result);
    }
    const results = [...times].map(([value, count]) => ({ match: "none", items: [], ...answers.get(value), value, count }));
    const total = values.length;
    const done = results.filter((result) => result.match !== "none").reduce((sum, result) => sum + result.count, 0);
    const share = `${Math.floor((done / total) * 100)} %`;
    URL.revokeObjectURL(file);
    file = URL.createObjectURL(csvFile(results));
    lookupStatus.replaceChildren(make("strong", {}, share), " ", text("share", { resolved: done, lines: total }));
    resolved.replaceChildren(
      make("progress", { max: total, value: done, "aria-label": text("share", { resolved: done, lines: total }) }),
      make(
        "table",
        { "aria-labelledby": "lookup-heading" },
        make("thead", {}, make("tr", {}, ["value", "lines", "match", "denotes"].map((name) => make("th", { scope: "col", className: name }, texts[name])))),
        make("tbody", {}, results.map(resolvedRow)),
      ),
      make("p", {}, make("a", { className: "button", href: file, download: "lookup.csv" }, texts.download)),
      short.length ? callBlock(address("/lookup", asked(batches(short)[0], scheme))) : "",
    );
  },
  (fault, retry) => {
    lookupStatus.replaceChildren();
    resolved.replaceChildren(failure(fault, fault.message === texts.nothing_pasted ? null : retry));
  },
);

const resolvedRow = ({ value, count, match, items: found }) =>
  make(
    "tr",
    { className: match === "none" ? "none" : "some" },
    make("th", { scope: "row" }, make("code", {}, value)),
    make("td", { className: "lines" }, String(count)),
    make("td", { className: "match" }, texts.matches[match]),
    make("td", {}, found.length ? list("inline", found.map((item) => link(item.url, item.name))) : unknown()),
  );

function startLookup() {
  const submit = () => {
    const values = pasted.value.split(/\r?\n/).filter((value) => value.trim());
    const scheme = find("#scheme").value;
    const fits = values.length > 0 && batches(values).length === 1;
    history.pushState(null, "", fits ? `#/lookup?${asked(values, scheme)}` : "#/lookup");
    return resolve(values, scheme);
  };
  find("#lookup-form").onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  pasted.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  });
  find("#sample").onclick = () => {
    pasted.value = SAMPLE.join("\n");
    find("#scheme").value = "";
    submit();
  };
}

// ---- The address of the page

/** Show what a path of the API gives, and let the address say so. */
function go(path) {
  searchBox.blur();
  if (location.hash === `#${path}`) show();
  else location.hash = path;
}

/** Show what the fragment of the address asks for. */
function show() {
  const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  parameters.delete("lang");
  if (facetsOf(path)) {
    parameters.delete("format");
    showTable(path, parameters);
    reveal(find("#products"));
  } else if (path === "/lookup") {
    if (parameters.size) {
      pasted.value = parameters.getAll("value").join("\n");
      find("#scheme").value = parameters.get("scheme") ?? "";
      resolve(parameters.getAll("value"), find("#scheme").value);
    }
    reveal(find("#lookup"));
  } else if (path === "/search") {
    searchBox.value = parameters.get("q") ?? "";
    searchBox.focus();
    searchNow();
  } else if (path.startsWith("/")) open(path, parameters);
  else if (!path) close();
}

/** Keep the fragment when the language changes, and the language for the next visit. */
function startLanguages() {
  for (const choice of findAll(".languages a")) {
    choice.onclick = () => {
      choice.hash = location.hash;
      remember(choice.hreflang);
    };
  }
  const remembered = remember();
  const offered = findAll(".languages a").some((choice) => choice.hreflang === remembered);
  if (offered && remembered !== lang && !new URLSearchParams(location.search).has("lang")) {
    location.replace(`/?lang=${remembered}${location.hash}`);
  }
}

/** The language chosen on an earlier visit; where the browser keeps nothing, none was. */
function remember(chosenLanguage) {
  try {
    if (chosenLanguage) localStorage.setItem("lang", chosenLanguage);
    return localStorage.getItem("lang");
  } catch {
    return null;
  }
}

startLanguages();
startTree();
startSearch();
startTable();
startLookup();
for (const block of findAll(".call[data-path]")) block.replaceChildren(...given(call(block.dataset.path)));
addEventListener("hashchange", show);
const asksForTable = facetsOf(location.hash.slice(1).split("?")[0]);
const tabled = asksForTable ? null : showTable(listed.path, listed.parameters);
// What stands below the table is scrolled to when the table has its height.
if (location.hash.startsWith("#/lookup")) tabled.then(show);
else if (location.hash) show();
performance.mark("interactive");
