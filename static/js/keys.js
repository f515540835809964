// Keys: "/", "n", "g h" … press whatever carries data-key; "?" shows them all. Never while somebody types.
"use strict";

(() => {
  const WAIT_MS = 1200;
  let first = null;
  let timer = 0;

  const isTyping = (target) =>
    target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"));

  const press = (element) => {
    if (element.matches("input")) {
      element.focus();
      element.select();
    } else {
      element.click();
    }
  };

  const find = (keys) =>
    [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find((element) => element.checkVisibility?.() ?? true);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      document.getElementById("keys")?.showModal();
      return;
    }
    const keys = first ? `${first} ${event.key}` : event.key;
    const element = find(keys);
    clearTimeout(timer);
    first = null;
    if (element) {
      event.preventDefault();
      press(element);
    } else if (document.querySelector(`[data-key^="${CSS.escape(event.key)} "]`)) {
      first = event.key;
      timer = setTimeout(() => { first = null; }, WAIT_MS);
    }
  });
})();
