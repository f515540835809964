// Small conveniences on top of pages that work without them: the CSRF header, dialogs, folds, copying, unsaved text.
"use strict";

(() => {
  document.documentElement.classList.add("has-js");

  const on = (type, selector, action, options) =>
    document.addEventListener(type, (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) action(element, event);
    }, options);

  // htmx requests carry the token of the page; forms without htmx carry it in a field.
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
  });

  // Who signs in again in another tab has a new token: the page that stayed open takes it and can send what was typed.
  document.addEventListener("htmx:response:error", (event) => {
    const token = event.detail.ctx.response.headers.get("X-CSRFToken");
    if (!token) return;
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
  });

  on("click", "[data-dialog-open]", (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (!dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
  });
  on("click", "[data-dialog-close]", (button) => button.closest("dialog")?.close());
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  // Menus made of <details> close by themselves, as people expect of menus.
  const openMenus = () => document.querySelectorAll("details[data-closes][open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });

  on("click", "[data-copy]", async (button) => {
    await navigator.clipboard?.writeText(button.dataset.copy);
    const title = button.title;
    button.title = button.dataset.copied;
    button.classList.add("is-done");
    setTimeout(() => { button.title = title; button.classList.remove("is-done"); }, 2000);
  });

  on("change", "[data-submit-on-change]", (element) => (element.form ?? element).requestSubmit());

  // Text that was typed and not sent must not vanish with a careless click.
  const unsaved = new Set();
  on("input", "form[data-warn-unsaved]", (form) => unsaved.add(form));
  on("submit", "form[data-warn-unsaved]", (form) => unsaved.delete(form));
  window.addEventListener("beforeunload", (event) => {
    for (const form of unsaved) if (form.isConnected) event.preventDefault();
  });

  document.addEventListener("htmx:response:error", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-warn-unsaved]") : null;
    if (form) unsaved.add(form);
  });

  const grow = (area) => {
    if (CSS.supports("field-sizing", "content")) return;
    area.rows = Math.min(30, Math.max(Number(area.dataset.rows ??= area.rows), area.value.split("\n").length + 1));
  };
  on("input", "textarea[data-autosize]", grow);

  const all = (root, selector) => [...(root instanceof Element && root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)];

  const arrive = (root) => {
    all(root, "textarea[data-autosize]").forEach(grow);
    // A refused form comes back with what was typed, which is still nowhere saved.
    all(root, "form[data-warn-unsaved]:has([aria-invalid])").forEach((form) => unsaved.add(form));
    all(root, "[data-focus]")[0]?.focus();
  };
  arrive(document);

  // What had the keyboard may be replaced by the answer: then the piece that stands in its place has it.
  let focused = null;
  let places = [];
  document.addEventListener("pointerdown", () => { focused = null; }, true);
  document.addEventListener("focusin", (event) => {
    focused = event.target;
    places = [];
    for (let each = focused; each; each = each.parentElement) if (each.id) places.push(each.id);
  });
  const keepFocus = () => {
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    const piece = places.map((id) => document.getElementById(id)).find(Boolean);
    if (!piece) return;
    if (piece.tabIndex < 0) piece.tabIndex = -1;
    piece.focus({ preventScroll: true });
  };

  // Pieces that come beside the answer to a request are no target of it, so each is met as it is put in its place.
  document.addEventListener("htmx:after:settle", (event) => {
    for (const piece of event.detail.newContent) if (piece instanceof Element && piece.isConnected) arrive(piece);
  });
  document.addEventListener("htmx:after:swap", keepFocus);
})();
