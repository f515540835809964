// Keys: "/", "n", "g h" … press whatever carries data-key; "?" shows them all. Never while somebody types, and not
// in a browser where they were switched off, because who speaks to the computer presses them unawares.
"use strict";

(() => {
  const WAIT_MS = 1200;
  const OFF = "keys-off";
  let first = null;
  let timer = 0;

  const isTyping = (target) =>
    target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"));

  const isOff = () => {
    try { return localStorage.getItem(OFF) !== null; } catch { return false; }
  };

  const keySwitch = document.querySelector("[data-keys-switch]");
  if (keySwitch) {
    keySwitch.checked = !isOff();
    keySwitch.addEventListener("change", () => {
      try {
        if (keySwitch.checked) localStorage.removeItem(OFF);
        else localStorage.setItem(OFF, "1");
      } catch {
        keySwitch.checked = true;
      }
    });
  }

  // A Russian layout has other letters on the keys: there the key's place counts, as it is printed on it.
  const keyOf = (event) => {
    const isLatin = /^[\x20-\x7e]$/.test(event.key);
    return !isLatin && !event.shiftKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
  };

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
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing || isOff()) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      document.getElementById("keys")?.showModal();
      return;
    }
    const key = keyOf(event);
    const keys = first ? `${first} ${key}` : key;
    const element = find(keys);
    clearTimeout(timer);
    first = null;
    if (element) {
      event.preventDefault();
      press(element);
    } else if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
      first = key;
      timer = setTimeout(() => { first = null; }, WAIT_MS);
    }
  });
})();
