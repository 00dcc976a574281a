// Progressive enhancement: every page works without it. Listeners sit on the document, for what htmx swaps in.
"use strict";
(() => {
  const KEY_FILE = /^(AuthKey|ApiKey)_([A-Za-z0-9]{8,20})(?: ?\(\d+\))?\.p8$/;
  const on = (type, listener, options) => document.addEventListener(type, listener, options);
  const closest = (event, selector) => event.target instanceof Element && event.target.closest(selector);
  const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));
  const find = (selector) => (selector ? document.querySelector(selector) : null);

  // Drop zone: the file goes into its input; the name of a key file says its Key ID and type
  const fileNamed = (input) => {
    const zone = input.closest(".dropzone");
    if (!zone) return;
    const name = [...input.files].map((file) => file.name).join(", ");
    zone.querySelectorAll(".dropzone-name").forEach((label) => { label.textContent = name; });
    zone.classList.toggle("is-filled", Boolean(name));
    const match = input.form && KEY_FILE.exec(name);
    if (!match) return;
    const marked = input.form.querySelector("[data-key-id]");
    const field = marked && (marked.matches("input") ? marked : marked.querySelector("input"));
    if (field && (!field.value.trim() || field.value === field.dataset.fromFile)) {
      field.value = field.dataset.fromFile = match[2].toUpperCase();
      changed(field);
    }
    const individual = input.form.querySelector("input[type=radio][value=INDIVIDUAL]");
    if (match[1] === "ApiKey" && individual && !individual.checked) {
      individual.checked = true;
      changed(individual);
    }
  };
  const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  on("dragover", (event) => {
    const zone = hasFiles(event) && closest(event, ".dropzone");
    if (zone) event.preventDefault();
    if (zone) zone.classList.add("is-over");
  });
  on("dragleave", (event) => {
    const zone = closest(event, ".dropzone");
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
  });
  on("drop", (event) => {
    const zone = hasFiles(event) && closest(event, ".dropzone");
    const input = zone && zone.querySelector("input[type=file]:not(:disabled)");
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const files = [...event.dataTransfer.files].slice(0, input && input.multiple ? undefined : 1);
    if (!input || !files.length) return;
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    changed(input);
  });

  // Copy: the Clipboard API needs HTTPS or localhost; a selection works everywhere
  const copy = async (node) => {
    const text = "value" in node ? node.value : node.textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      if ("select" in node) node.select();
      else getSelection().selectAllChildren(node);
      return document.execCommand("copy");
    }
  };
  on("click", async (event) => {
    const button = closest(event, "[data-copy]");
    const node = button && find(button.dataset.copy);
    if (!node) return;
    const said = (button.dataset.label ??= button.textContent);
    button.setAttribute("aria-live", "polite");
    button.textContent = (await copy(node)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = said; }, 2000);
  });

  // Menus close on a click outside and on Escape, which gives the focus back
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  on("click", (event) => openMenus().forEach((menu) => { menu.open = menu.contains(event.target); }));
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    openMenus().forEach((menu) => {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  });

  // One checkbox for many, and one that switches a fieldset off
  const boxesOf = (all) => {
    const scope = find(all.dataset.checkAll) || all.closest("table, fieldset, form") || document;
    return [...scope.querySelectorAll("input[type=checkbox]:not(:disabled)")].filter((box) => box !== all);
  };
  const reflect = () => {
    document.querySelectorAll("[data-disables]").forEach((box) => {
      const target = find(box.dataset.disables);
      if (target) target.disabled = box.checked;
    });
    document.querySelectorAll("[data-check-all]").forEach((all) => {
      const boxes = boxesOf(all), ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    });
  };
  on("change", (event) => {
    const field = event.target;
    if (!(field instanceof Element)) return;
    if (field.matches("input[type=file]")) fileNamed(field);
    if (field.matches("[data-check-all]")) boxesOf(field).forEach((box) => { box.checked = field.checked; });
    reflect();
    field.closest("form[data-auto-submit]")?.requestSubmit();
  });
  on("htmx:afterSettle", reflect);
  addEventListener("pageshow", reflect);
  reflect();

  // The strip of a narrow screen starts at the page that one is on
  const here = document.querySelector(".sidenav [aria-current]");
  const edge = here ? here.getBoundingClientRect() : null;
  if (edge && edge.right > innerWidth) here.closest(".sidenav").scrollLeft = edge.left - 64;
})();
