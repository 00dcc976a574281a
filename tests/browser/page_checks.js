// What is wrong with the page as it is rendered now, in words; an empty list when nothing is.
() => {
  const problems = [];
  document.getAnimations().forEach((animation) => animation.finish()); // colours as they are after a change of scheme
  const html = document.documentElement;
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const where = (node) => {
    const classes = typeof node.className === "string" && node.className.trim().replace(/\s+/g, ".");
    return node.tagName.toLowerCase() + (node.id ? `#${node.id}` : "") + (classes ? `.${classes}` : "");
  };
  const scrolls = (node) => {
    for (let each = node.parentElement; each && each !== html; each = each.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };

  // Structure
  const heads = [...document.querySelectorAll("h1")].filter(shown).length;
  if (heads !== 1) problems.push(`${heads} h1`);
  if (!html.lang) problems.push("no lang");
  if (!document.title.trim()) problems.push("no title");
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => problems.push(`two elements #${id}`));
  for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"])
    for (const node of document.querySelectorAll(`[${name}]`))
      for (const id of node.getAttribute(name).split(/\s+/))
        if (id && !document.getElementById(id)) problems.push(`${where(node)}: ${name}="${id}" leads nowhere`);
  document.querySelectorAll("nav:not([aria-label], [aria-labelledby], #content nav)").forEach((node) => problems.push(`${where(node)} has no name`));
  document.querySelectorAll("img:not([alt])").forEach((node) => problems.push(`${where(node)} has no alt`));

  // Controls have names (a short form of the accessible name computation, enough for our pages)
  const words = (node) => node.textContent.trim() || node.querySelector("img[alt]:not([alt=''])")?.alt;
  const named = (node) =>
    (node.getAttribute("aria-labelledby") || "").split(/\s+/).some((id) => id && document.getElementById(id)?.textContent.trim()) ||
    node.ariaLabel?.trim() || [...(node.labels || [])].some(words) || node.title.trim() ||
    (node.matches("a, button, summary") && words(node)) ||
    (node.matches("input[type=submit], input[type=button]") && node.value.trim());
  for (const node of document.querySelectorAll("a[href], button, summary, select, textarea, progress, input:not([type=hidden])"))
    if (shown(node) && !named(node)) problems.push(`${where(node)} has no name`);

  // Nothing is wider than the window, and no text is cut off
  if (html.scrollWidth > html.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")]
      .filter((node) => shown(node) && node.getBoundingClientRect().right > html.clientWidth + 1 && !scrolls(node));
    problems.push(`${html.scrollWidth} wide in ${html.clientWidth}: ${wide.slice(0, 3).map(where).join(", ")}`);
  }
  for (const node of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(node);
    const hides = ["hidden", "clip"].includes(style.overflowX) && style.clip === "auto" && style.clipPath === "none";
    if (hides && style.textOverflow !== "ellipsis" && node.scrollWidth > node.clientWidth + 1 && shown(node))
      problems.push(`${where(node)} cuts off its content: ${node.textContent.trim().slice(0, 40)}`);
  }

  // Contrast (WCAG 1.4.3): 4.5, or 3 for large text
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const colors = new Map();
  const read = (color) => colors.get(color) ?? colors.set(color, rgba(color)).get(color);
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const layers = [];
    for (let each = node; each; each = each.parentElement) {
      const color = read(getComputedStyle(each).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), read("canvas"));
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(node)) continue;
    seen.add(node);
    if (!shown(node) || node.closest(":disabled, .visually-hidden, .skip-link, noscript, option")) continue;
    const style = getComputedStyle(node);
    const ground = behind(node);
    const [a, b] = [light(over(read(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5))
      problems.push(`${where(node)}: contrast ${ratio.toFixed(2)} of “${texts.currentNode.data.trim().slice(0, 30)}”`);
  }
  return [...new Set(problems)];
}
