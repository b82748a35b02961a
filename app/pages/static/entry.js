// The panel of an entry, which replaces the introduction beside the tree.

/** @import { Entry } from "./api.js" */
/** @import { Content } from "./dom.js" */
/** @import { Tree } from "./tree.js" */
import { leaveEntry } from "./address.js";
import { ask, onlyLatest, urlOf } from "./api.js";
import { announce, findElement, flatten, isNarrow, make, makeFailure } from "./dom.js";
import { texts } from "./facts.js";
import { makeClose, makeEntry, makeHeading } from "./sections.js";

export class EntryPanel {
  /**
   * @param {HTMLElement} root The column beside the tree.
   * @param {Tree} tree
   */
  constructor(root, tree) {
    this.root = root;
    this.tree = tree;
    this.about = findElement(root, ".about");
    this.panel = findElement(root, "#entry");
    /** @type {Element | null} */
    this.opener = null;
    this.show = onlyLatest(this.#load.bind(this), (fault, retry) => {
      this.panel.removeAttribute("aria-busy");
      this.#present(makeClose(), makeHeading(texts.problem), makeFailure(fault, retry));
    });
    document.addEventListener("keydown", (event) => {
      const typing = /** @type {Element} */ (event.target).closest("input, textarea, select");
      if (event.key === "Escape" && !typing && !this.panel.hidden) leaveEntry();
    });
  }

  /** Hide the entry, and return the focus to the element that had it before. */
  hide() {
    if (this.panel.hidden) return;
    this.show.cancel();
    this.panel.hidden = true;
    this.about.hidden = false;
    document.title = texts.title;
    this.tree.mark(null);
    if (this.opener instanceof HTMLElement && this.opener.isConnected && this.opener !== document.body) {
      this.opener.focus();
    } else this.tree.focus();
  }

  /** @param {...Content} content */
  #present(...content) {
    this.about.hidden = true;
    this.panel.hidden = false;
    this.panel.replaceChildren(...flatten(content));
    this.panel.scrollTop = 0;
  }

  /**
   * @param {AbortSignal} signal
   * @param {string} path
   * @param {URLSearchParams} parameters
   */
  async #load(signal, path, parameters) {
    const inTree = this.tree.hasFocus();
    if (!this.panel.contains(document.activeElement)) this.opener = document.activeElement;
    this.tree.mark(path);
    this.panel.setAttribute("aria-busy", "true");
    if (this.panel.hidden) this.#present(make("p", { className: "loading" }, texts.loading));
    /** @type {Entry} */
    const entry = await ask(urlOf(path, parameters), signal);
    this.panel.removeAttribute("aria-busy");
    this.tree.mark(entry.url);
    this.#present(makeEntry(entry, this.tree));
    document.title = `${entry.name} · ${texts.title}`;
    announce(`${entry.name}. ${entry.summary}`);
    if (!inTree || isNarrow()) findElement(this.panel, "#entry-heading").focus({ preventScroll: true });
    this.tree.reveal();
    // At the end of the tree, its panel may begin above the window.
    if (!isNarrow()) this.panel.scrollIntoView({ block: "nearest", behavior: "instant" });
  }
}
