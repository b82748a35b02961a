// The lines that connect the items of the tree, drawn as SVG behind its list.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return the list of an item's children.
 * @param {Element} item
 * @returns {HTMLUListElement | null}
 */
export const groupOf = (item) => item.parentElement?.querySelector(":scope > ul") ?? null;

/**
 * Build the commands of an SVG path for the branches below an item.
 * @param {Element} item
 * @param {DOMRect} origin
 * @returns {string}
 */
function pathBelow(item, origin) {
  const group = groupOf(item);
  const count = item.nextElementSibling?.getBoundingClientRect();
  if (!group || group.hidden || !count) return "";
  const box = item.getBoundingClientRect();
  const stem = count.right - origin.left;
  return [...group.querySelectorAll(":scope > li > a")]
    .map((lower) => {
      const to = lower.getBoundingClientRect();
      const [x, y] = [to.left - origin.left, to.top + to.height / 2 - origin.top];
      const beside = to.left > count.right;
      const [fromX, fromY] = beside
        ? [box.right - origin.left, box.top + box.height / 2 - origin.top]
        : [box.left + 14 - origin.left, box.bottom - origin.top];
      const middle = (stem + x) / 2;
      const curve = beside
        ? `M${fromX} ${fromY}H${stem}C${middle} ${fromY} ${middle} ${y} ${x} ${y}`
        : `M${fromX} ${fromY}V${y - 8}Q${fromX} ${y} ${fromX + 8} ${y}H${x}`;
      return curve + pathBelow(lower, origin);
    })
    .join("");
}

export class Branches {
  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    this.paths = [...list.children].map(() => document.createElementNS(SVG, "path"));
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("class", "branches");
    drawing.setAttribute("aria-hidden", "true");
    drawing.append(...this.paths);
    list.before(drawing);
    list.classList.add("drawn");
    new ResizeObserver(() => this.draw()).observe(list);
    this.draw();
  }

  /** Draw the branches to the present positions of the items. */
  draw() {
    const origin = this.list.getBoundingClientRect();
    const roots = [...this.list.querySelectorAll(":scope > li > a")];
    const commands = roots.map((root) => pathBelow(root, origin));
    commands.forEach((command, at) => this.paths[at].setAttribute("d", command));
  }
}
