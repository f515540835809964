// Mentions: while a name is typed behind @ in a comment, a list offers people; the page works without it.
"use strict";

(() => {
  const SIGN = /(?:^|[\s(\[{«„“"'—])@([^\s@][^\n@]{0,60})?$/u;
  const MOST_WORDS = 3;
  let shown = 0; // answers to older questions are late

  const listOf = (area) => area.closest("form")?.querySelector(".mention-list");
  const optionsOf = (list) => [...list.querySelectorAll("[role=option]")];
  const isOpen = (area) => listOf(area)?.hidden === false;

  const close = (area) => {
    shown += 1;
    const list = listOf(area);
    if (list) list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };

  const choose = (area, option) => {
    for (const each of optionsOf(listOf(area))) each.setAttribute("aria-selected", String(each === option));
    area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  // What is typed behind the sign in front of the cursor; nothing when no name is being typed there.
  const typedIn = (area) => {
    const before = area.value.slice(0, area.selectionStart);
    const found = area.selectionStart === area.selectionEnd && before.match(SIGN);
    if (!found) return null;
    const typed = found[1] ?? "";
    return typed.split(" ").length <= MOST_WORDS && !/\s$/.test(typed) ? typed : null;
  };

  const ask = async (area) => {
    const typed = typedIn(area);
    if (typed === null) return close(area);
    const question = ++shown;
    const audience = new FormData(area.form).get("audience") ?? "public";
    const address = `${area.dataset.mentions}?${new URLSearchParams({ typed, audience })}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (question !== shown || !area.isConnected) return;
    const list = listOf(area);
    list.innerHTML = answer.ok ? await answer.text() : "";
    if (question !== shown) return;
    const first = optionsOf(list)[0];
    if (!first) return close(area);
    list.hidden = false;
    choose(area, first);
  };

  const take = (area, option) => {
    const typed = typedIn(area);
    if (typed === null) return close(area);
    const start = area.selectionStart - typed.length - 1;
    area.setRangeText(`${option.dataset.mention} `, start, area.selectionStart, "end");
    close(area);
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const areaOf = (event) => (event.target instanceof Element ? event.target.closest("textarea[data-mentions]") : null);
  const hadSign = new WeakSet();
  const foretell = (area) => {
    if (area.value.includes("@")) hadSign.add(area);
    else if (!hadSign.delete(area)) return;
    area.dispatchEvent(new CustomEvent("mentioned", { bubbles: true }));
  };

  let pause;
  document.addEventListener("input", (event) => {
    const area = areaOf(event);
    if (!area) return;
    clearTimeout(pause);
    if (typedIn(area) === null) close(area);
    else pause = setTimeout(() => ask(area).catch(() => close(area)), 150);
    foretell(area);
  });
  document.addEventListener("change", (event) => {
    const area = event.target.name === "audience" ? event.target.form?.querySelector("textarea[data-mentions]") : null;
    if (area) foretell(area);
  });

  const moves = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const area = areaOf(event);
    if (!area || !isOpen(area) || event.isComposing) return;
    const options = optionsOf(listOf(area));
    const chosen = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key in moves) choose(area, options[(chosen + moves[event.key] + options.length) % options.length]);
    else if (event.key === "Escape") close(area);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && !event.ctrlKey) take(area, options[chosen]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // Before the click: otherwise the text area would lose the keyboard, and the list would close under the pointer.
  document.addEventListener("pointerdown", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[data-mention]") : null;
    if (!option) return;
    event.preventDefault();
    take(option.closest("form").querySelector("textarea[data-mentions]"), option);
  });
  document.addEventListener("focusout", (event) => {
    const area = areaOf(event);
    if (area) close(area);
  });
})();
