// The bell: the number in the title of the tab, focus, and what the stream's own extension leaves open.
"use strict";

(() => {
  const HIDDEN_REFRESH_MS = 60000;
  const RETRY_MS = 5000;

  const bell = document.getElementById("bell");
  const stream = document.getElementById("push-stream");
  if (!bell || !stream) return;

  const title = document.title;
  let focused = null;

  const showCount = () => {
    const count = Number(bell.querySelector("[data-unread]")?.dataset.unread ?? 0);
    const wanted = count ? `(${count > 99 ? "99+" : count}) ${title}` : title;
    if (document.title !== wanted) document.title = wanted;
  };

  // "Mark as read" goes away when it is pressed; the keyboard must not be thrown back to the top of the page.
  const keepFocus = () => {
    if (focused && !focused.isConnected && document.activeElement === document.body) bell.querySelector("summary").focus();
    if (focused && !focused.isConnected) focused = null;
  };
  bell.addEventListener("focusin", (event) => { focused = event.target; });
  document.addEventListener("focusin", (event) => { if (!bell.contains(event.target)) focused = null; });

  new MutationObserver(() => { showCount(); keepFocus(); }).observe(bell, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-unread"] });
  showCount();

  // A page in the background keeps no stream: browsers allow six connections to a server, and seven tabs would block each other.
  setInterval(() => {
    if (document.hidden) window.htmx?.ajax("GET", bell.dataset.panel, { source: bell, target: stream, swap: "none" });
  }, HIDDEN_REFRESH_MS);

  // htmx looks through the page once its own script has run, which may be before the one of its extension has come:
  // an element that stood ready in the page would then never be connected. This timer is later than that look.
  setTimeout(() => {
    // What happens between the page and its stream is told as well: the stream learns what the page shows already.
    stream.setAttribute("hx-sse:connect", `${stream.dataset.connect}?since=${bell.dataset.newest}`);
    window.htmx?.process(stream);
  });

  // The extension connects again only after a stream that once stood.
  for (const failure of ["htmx:error", "htmx:response:error"]) {
    stream.addEventListener(failure, () => setTimeout(() => window.htmx?.trigger(stream, "connect"), RETRY_MS));
  }

  // Sign-in pages and errors are no streams; asking again every few seconds would not make them one.
  stream.addEventListener("htmx:sse:after:connection", (event) => {
    if (event.detail.connection.status !== 200) stream.remove();
  });
})();
