// What lives by the clock: toasts that go by themselves, and times that stay true ("4 minutes ago").
"use strict";

(() => {
  const SHOWN_MS = 6000;
  const MOST = 3;
  const REFRESH_MS = 30000;
  const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

  const region = document.getElementById("toasts");

  const start = (toast) => {
    if (toast.classList.contains("is-counted")) return;
    toast.classList.add("is-counted");
    let timer = 0;
    const wait = () => { timer = setTimeout(() => toast.remove(), SHOWN_MS); };
    const hold = () => clearTimeout(timer);
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("mouseleave", wait);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("focusout", wait);
    wait();
  };

  const keepFew = () => {
    const toasts = [...region.querySelectorAll("[data-toast]")];
    toasts.slice(0, Math.max(0, toasts.length - MOST)).forEach((toast) => toast.remove());
    region.querySelectorAll("[data-toast]").forEach(start);
  };

  if (region) {
    region.addEventListener("click", (event) => {
      if (event.target.closest("[data-toast-close]")) event.target.closest("[data-toast]").remove();
    });
    new MutationObserver(keepFew).observe(region, { childList: true });
    keepFew();
  }

  // The request did not even arrive: say so, since the page would otherwise just stay as it is.
  document.addEventListener("htmx:error", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    const note = document.getElementById("no-connection");
    if (region && note && source?.matches("a, button, form, input, select, textarea")) region.append(note.content.cloneNode(true));
  });

  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });

  const refresh = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size * 0.9) ?? [];
      // Younger than a minute: the server's own words are still right.
      if (unit) time.textContent = words.format(Math.round(seconds / length) || Math.sign(seconds), unit);
    }
  };
  setInterval(refresh, REFRESH_MS);
})();
