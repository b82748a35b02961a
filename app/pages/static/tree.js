// The tree: turns the list that the service rendered into an ARIA tree.

import { fragmentOf } from "./address.js";
import { Branches, groupOf } from "./branches.js";
import { findElement, isNarrow } from "./dom.js";
import { texts } from "./facts.js";

/** @param {Element} item */
const isExpanded = (item) => item.getAttribute("aria-expanded") === "true";

export class Tree {
  /** @param {HTMLElement} root The section that contains the list. */
  constructor(root) {
    this.list = findElement(root, "#tree");
    this.items = [...this.list.querySelectorAll("a")];
    this.toggle = findElement(root, "#collapse");
    this.names = new Map(this.items.map((item) => [item.dataset.path, item.firstChild?.textContent?.trim() ?? ""]));
    this.items.forEach((item, at) => this.#prepareItem(item, at));
    this.#makeCurrent(this.items[0]);
    this.list.setAttribute("role", "tree");
    this.list.setAttribute("aria-labelledby", "tree-heading");
    this.list.addEventListener("keydown", (event) => this.#handleKey(event));
    this.list.addEventListener("focusin", (event) => this.#makeCurrent(/** @type {Element} */ (event.target)));
    this.toggle.onclick = () => this.#expand(this.items, !this.#isWhole());
    this.branches = new Branches(this.list);
    // Show one level below the concepts of a long tree.
    if (this.list.classList.contains("long")) {
      this.#expand(
        this.items.filter((item) => this.#upper(item)),
        false,
      );
    }
  }

  /**
   * Return the name of an entry, if the tree contains it.
   * @param {string} path
   */
  nameOf(path) {
    return this.names.get(path);
  }

  /**
   * Return the paths and names of the other entries in an entry's collection.
   * @param {string} path
   */
  othersOf(path) {
    const [, resource] = path.split("/");
    return [...this.names].filter(([other]) => other?.startsWith(`/${resource}/`) && other !== path);
  }

  /** Whether the focus is in the tree. */
  hasFocus() {
    return this.list.contains(document.activeElement);
  }

  /** Focus the item that the Tab key reaches. */
  focus() {
    findElement(this.list, 'a[tabindex="0"]').focus();
  }

  /**
   * Select an entry, and expand the branches that lead to it; null selects none.
   * @param {string | null} path
   */
  mark(path) {
    for (const item of this.items) {
      const marked = item.dataset.path === path;
      item.setAttribute("aria-selected", String(marked));
      if (!marked) continue;
      const above = [];
      for (let upper = this.#upper(item); upper; upper = this.#upper(upper)) above.push(upper);
      this.#expand(above, true);
      this.#makeCurrent(item);
    }
  }

  /**
   * Scroll to the selected item unless it is in view. On a narrow page an entry covers all but the top.
   */
  reveal() {
    const item = this.list.querySelector('[aria-selected="true"]');
    if (!item) return;
    const { top, bottom } = item.getBoundingClientRect();
    const padding = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
    const inView = top >= padding && bottom <= innerHeight;
    if (isNarrow()) item.scrollIntoView({ behavior: "instant" });
    else if (!inView) item.scrollIntoView({ block: "center", behavior: "instant" });
  }

  /** Whether every branch is expanded. */
  #isWhole() {
    return this.items.every((item) => item.getAttribute("aria-expanded") !== "false");
  }

  /**
   * @param {HTMLAnchorElement} item
   * @param {number} at
   */
  #prepareItem(item, at) {
    const group = groupOf(item);
    const count = item.nextElementSibling;
    item.href = fragmentOf(item.dataset.path ?? "");
    item.parentElement?.setAttribute("role", "none");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-selected", "false");
    if (!group || !count) return;
    group.id = `branch-${at}`;
    group.setAttribute("role", "group");
    item.setAttribute("aria-label", item.textContent ?? "");
    item.setAttribute("aria-owns", group.id);
    item.setAttribute("aria-expanded", "true");
    count.setAttribute("aria-hidden", "true");
    count.addEventListener("click", () => this.#expand([item], !isExpanded(item)));
  }

  /** @param {Element} item */
  #upper(item) {
    return this.items.find((other) => groupOf(other) === item.parentElement?.parentElement);
  }

  /**
   * Expand or collapse the branches below items.
   * @param {HTMLAnchorElement[]} items
   * @param {boolean} expanded
   */
  #expand(items, expanded) {
    for (const item of items) {
      const group = groupOf(item);
      if (!group) continue;
      group.hidden = !expanded;
      item.setAttribute("aria-expanded", String(expanded));
      if (group.querySelector('a[tabindex="0"]') && !expanded) this.#makeCurrent(item);
    }
    this.toggle.textContent = this.#isWhole() ? texts.collapse_all : texts.expand_all;
    this.branches.draw();
  }

  /**
   * Let the Tab key reach this item and no other.
   * @param {Element} item
   */
  #makeCurrent(item) {
    for (const other of this.items) other.tabIndex = other === item ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const item = /** @type {Element} */ (event.target).closest("a");
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const shown = this.items.filter((other) => !other.closest("ul[hidden]"));
    const at = shown.indexOf(item);
    const siblings = this.items.filter((other) => other.closest("ul") === item.closest("ul"));
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowDown: () => shown[at + 1]?.focus(),
      ArrowUp: () => shown[at - 1]?.focus(),
      Home: () => shown[0].focus(),
      End: () => shown.at(-1)?.focus(),
      ArrowRight: () => {
        if (groupOf(item) && !isExpanded(item)) this.#expand([item], true);
        else if (groupOf(item)) shown[at + 1]?.focus();
      },
      ArrowLeft: () => (isExpanded(item) ? this.#expand([item], false) : this.#upper(item)?.focus()),
      " ": () => item.click(),
      "*": () => this.#expand(siblings, true),
    };
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    } else if (event.key.length === 1 && event.key !== "/") {
      const initial = event.key.toLowerCase();
      const others = [...shown.slice(at + 1), ...shown.slice(0, at)];
      others.find((other) => other.textContent?.toLowerCase().startsWith(initial))?.focus();
    }
  }
}
