// Files of a record: dropped anywhere on its card or chosen on the tab, sent some at a time, and how far each is.
"use strict";

(() => {
  const KEPT_MS = 6000;

  const uploads = document.getElementById("uploads");
  if (!uploads) return;
  const areas = uploads.querySelector(".drop-areas");
  const list = uploads.querySelector(".upload-list");
  const row = uploads.querySelector("template");
  const largest = Number(uploads.dataset.largest);
  const atOnce = Number(uploads.dataset.atOnce);
  let queue = Promise.resolve();
  let underWay = 0;

  // ---------------------------------------------------------------- dropping

  // What is dragged over an element and over those inside it is told by turns: the areas hide when it left the last one.
  let depth = 0;
  const bringsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const show = (isShown) => {
    areas.hidden = !isShown;
    if (!isShown) depth = 0;
    for (const area of areas.children) area.classList.remove("is-over");
  };
  document.addEventListener("dragenter", (event) => {
    if (!bringsFiles(event)) return;
    depth += 1;
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (bringsFiles(event) && --depth <= 0) show(false);
  });
  document.addEventListener("dragover", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    const over = event.target instanceof Element ? event.target.closest(".drop-area") : null;
    event.dataTransfer.dropEffect = over ? "copy" : "none";
    for (const area of areas.children) area.classList.toggle("is-over", area === over);
  });
  document.addEventListener("drop", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault(); // otherwise the browser would leave the page to show the file
    show(false);
    const area = event.target instanceof Element ? event.target.closest(".drop-area") : null;
    if (area) send([...event.dataTransfer.files], area.dataset.audience === "internal");
  });

  // ---------------------------------------------------------------- choosing

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const chooser = form.id === "file-form" ? form.querySelector("input[type=file]") : null;
    if (!chooser?.files.length) return; // the server says that something is to be chosen
    event.preventDefault();
    send([...chooser.files], Boolean(form.querySelector("[name=is_internal]")?.checked));
    chooser.value = "";
  });

  window.addEventListener("beforeunload", (event) => { if (underWay) event.preventDefault(); });

  // ---------------------------------------------------------------- sending

  const send = (files, isInternal) => {
    const items = files.map((file) => ({ file, element: addRow(file) }));
    const fitting = items.filter((item) => item.file.size <= largest);
    for (const item of items) if (item.file.size > largest) finish(item, "refused", uploads.dataset.tooLarge);
    for (const batch of batches(fitting)) {
      underWay += 1;
      queue = queue.then(() => sendBatch(batch, isInternal)).finally(() => { underWay -= 1; });
    }
  };

  // One event and one mail tell of each batch, so it is as large as the server takes.
  const batches = (items) => {
    const found = [];
    let octets = Infinity;
    for (const item of items) {
      if (octets + item.file.size > atOnce) {
        found.push([]);
        octets = 0;
      }
      found.at(-1).push(item);
      octets += item.file.size;
    }
    return found;
  };

  const sendBatch = (batch, isInternal) => new Promise((done) => {
    const body = new FormData();
    body.append("nonce", crypto.getRandomValues(new Uint32Array(4)).join("-"));
    if (isInternal) body.append("is_internal", "y");
    for (const item of batch) body.append("files", item.file);
    const request = new XMLHttpRequest();
    request.open("POST", uploads.dataset.address);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
    request.upload.addEventListener("progress", (event) => showProgress(batch, event));
    request.addEventListener("load", () => { readAnswer(batch, request); done(); });
    request.addEventListener("error", () => { fail(batch, ""); done(); });
    request.send(body);
  });

  // The parts of a form leave one behind the other, so what has left says how far each file is.
  const showProgress = (batch, event) => {
    let left = event.loaded;
    for (const { file, element } of batch) {
      const share = event.loaded >= event.total ? 1 : Math.min(1, left / Math.max(file.size, 1));
      element.querySelector("progress").value = Math.max(0, share);
      left -= file.size;
    }
  };

  const readAnswer = (batch, request) => {
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const results = [...answer.querySelectorAll("#file-results > [data-state]")];
    if (results.length !== batch.length) return fail(batch, answer.querySelector(".toast-words")?.textContent.trim());
    batch.forEach((item, place) => finish(item, results[place].dataset.state, results[place].querySelector("[data-words]")));
    for (const id of ["file-list", "file-count"]) {
      const piece = answer.getElementById(id);
      const present = document.getElementById(id);
      if (!piece || !present) continue;
      present.replaceWith(piece);
      window.htmx?.process(piece);
    }
  };

  const fail = (batch, words) => { for (const item of batch) finish(item, "refused", words || uploads.dataset.failed); };

  // ---------------------------------------------------------------- rows

  const addRow = (file) => {
    const element = row.content.firstElementChild.cloneNode(true);
    element.querySelector(".file-name").textContent = file.name;
    element.querySelector("progress").setAttribute("aria-label", file.name);
    list.append(element);
    return element;
  };

  const finish = ({ element }, state, words) => {
    element.dataset.state = state;
    element.querySelector("progress").remove();
    element.querySelector(".upload-words").replaceChildren(words);
    if (state === "kept") setTimeout(() => element.remove(), KEPT_MS);
  };
})();
