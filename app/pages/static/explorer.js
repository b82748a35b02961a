// The explorer: starts each part on its root element, then shows what the address refers to.

import { fragmentOf, startAddress } from "./address.js";
import { startCalls } from "./call.js";
import { findElement } from "./dom.js";
import { EntryPanel } from "./entry.js";
import { isStatic } from "./facts.js";
import { startLanguages } from "./languages.js";
import { LookupForm } from "./lookup.js";
import { SearchBox } from "./search.js";
import { ProductTable } from "./table.js";
import { Tree } from "./tree.js";

startLanguages(findElement(document, ".languages"));
startCalls();
const tree = new Tree(findElement(document, ".drawing"));
for (const link of document.querySelectorAll("#relations a")) {
  if (link instanceof HTMLAnchorElement) link.href = fragmentOf(link.dataset.path ?? "");
}
startAddress({
  entry: new EntryPanel(findElement(document, ".side"), tree),
  search: isStatic ? null : new SearchBox(findElement(document, ".search")),
  table: new ProductTable(findElement(document, "#products"), tree),
  lookup: isStatic ? null : new LookupForm(findElement(document, "#lookup")),
});
performance.mark("interactive");
