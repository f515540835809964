// Puts a value's name where the keyboard was last in the texts of an event action.
"use strict";

(() => {
  const fields = "[data-insert-into] :is(input[type=text], input:not([type]), textarea)";
  let last = null;

  document.addEventListener("focusin", (event) => { if (event.target.matches(fields)) last = event.target; });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    if (!button) return;
    const field = last?.isConnected ? last : document.querySelector(fields);
    if (!field) return;
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
