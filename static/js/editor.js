// Turns text areas with data-editor into editors: colours, names that fit, the mark under what is wrong.
(() => {
  const KEYWORDS = /(?:from|in|where|select|orderby|ascending|descending|true|false|null)\b/i;
  const TEXTS = [
    { regex: /"(?:[^"]|"")*"/, token: "string" },
    { regex: /'(?:[^']|'')*'/, token: "string" },
    { regex: /["'].*/, token: "string" },
  ];
  const NUMBERS = [{ regex: /\d+(?:\.\d+)?/, token: "number" }];
  CodeMirror.defineSimpleMode("formula", {
    start: [
      { regex: /\/\/.*/, token: "comment" },
      ...TEXTS,
      { regex: /\${1,2}[\p{L}_][\p{L}\p{N}_]*|\$/u, token: "variable-2" },
      { regex: /(?:->|<-)\s*(?:[\p{L}_][\p{L}\p{N}_.]*)?/u, token: "variable-2" },
      { regex: KEYWORDS, token: "keyword" },
      { regex: /[\p{L}_][\p{L}\p{N}_]*(?=\s*\()/u, token: "builtin" },
      { regex: /[\p{L}_][\p{L}\p{N}_]*/u, token: null },
      ...NUMBERS,
    ],
    meta: { lineComment: "//" },
  });
  CodeMirror.defineSimpleMode("n3", {
    start: [
      { regex: /#.*/, token: "comment" },
      ...TEXTS,
      { regex: /<[^<>\s]*>/, token: "string" },
      { regex: /\?[\p{L}_][\p{L}\p{N}_]*/u, token: "variable-2" },
      { regex: /@prefix|\b(?:if|then|else|or|once|not|from|select|true|false)\b/, token: "keyword" },
      { regex: /[\p{L}_][\p{L}\p{N}_]*:[\p{L}_][\p{L}\p{N}_]*/u, token: "builtin" },
      ...NUMBERS,
      { regex: /[\p{L}_][\p{L}\p{N}_]*/u, token: null },
    ],
    meta: { lineComment: "#" },
  });

  const known = {}; // by address
  const namesAt = (address) => (known[address] ??= ask(address).catch((error) => {
    delete known[address]; // the next key asks again
    throw error;
  }));
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    return answer.json();
  };

  const entry = (text, words) => ({
    text,
    render(element) {
      element.append(text);
      const more = document.createElement("span");
      more.className = "CodeMirror-hint-words";
      more.textContent = words;
      element.append(more);
    },
  });

  const NAME = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
  const STEP = new RegExp(String.raw`(\$(?:${NAME})?|\w+\(\)|${NAME}|\))((?:->${NAME})*)->(${NAME})?$`, "u");
  const BACK = new RegExp(String.raw`<-\s*(?:(${NAME})\s*:\s*)?(${NAME})?$`, "u");
  const ATTRIBUTE = new RegExp(String.raw`\$(${NAME})?$`, "u");
  const WORD = new RegExp(String.raw`${NAME}$`, "u");
  const NEW_NAME = new RegExp(String.raw`\bfrom\s+(?:${NAME})?$`, "iu");

  const leadsTo = (names, template, steps) =>
    steps.reduce((at, step) => names.attributes[at]?.find((one) => one.name === step)?.leads_to, template);

  // The template whose attributes a thing has: the record, an account, a variable of a query.
  const templateOf = (names, template, base, text) => {
    if (base.startsWith("$")) return leadsTo(names, template, base.length > 1 ? [base.slice(1)] : []);
    if (/^user\(\)$/i.test(base)) return "account";
    const source = text.match(new RegExp(String.raw`\bfrom\s+${base}\s+in\s+(?:db->(${NAME})|(\$(?:${NAME})?)((?:->${NAME})*))`, "iu"));
    if (source?.[1]) return source[1];
    return source && leadsTo(names, templateOf(names, template, source[2], text), source[3].split("->").filter(Boolean));
  };

  const begins = (name, typed) => name.toLowerCase().includes(typed.toLowerCase());
  const attributes = (names, template, typed = "") => [
    typed,
    (names.attributes[template] ?? []).filter((one) => begins(one.name, typed)).map((one) => entry(one.name, one.words)),
  ];
  const templates = (names, typed = "") => [
    typed,
    Object.keys(names.attributes).filter((name) => begins(name, typed)).map((name) => entry(name, "")),
  ];

  // What is typed of a name in front of the cursor, and the names that fit there.
  const offers = {
    formula(names, template, before, text) {
      const back = before.match(BACK);
      if (back) return back[1] ? attributes(names, back[1], back[2]) : templates(names, back[2]);
      const step = before.match(STEP);
      if (step?.[1] === "db" && !step[2]) return templates(names, step[3]);
      if (step) {
        const base = step[1] === ")" ? undefined : templateOf(names, template, step[1], text);
        return attributes(names, leadsTo(names, base, step[2].split("->").filter(Boolean)), step[3]);
      }
      const attribute = before.match(ATTRIBUTE);
      if (attribute) return attributes(names, template, attribute[1]);
      const typed = before.match(WORD)?.[0] ?? "";
      if (NEW_NAME.test(before)) return [typed, []];
      const fitting = names.functions.filter((one) => one.name.startsWith(typed.toUpperCase()));
      return [typed, fitting.map((one) => ({ ...entry(one.signature, one.words), text: `${one.name}(` }))];
    },
    n3(names, _template, before) {
      const typed = before.match(/[\p{L}_:][\p{L}\p{N}_:]*$/u)?.[0] ?? "";
      return [typed, names.predicates.filter((one) => begins(one.name, typed)).map((one) => entry(one.name, one.words))];
    },
  };

  const hint = (area) => async (editor) => {
    const names = await namesAt(area.dataset.names);
    const to = editor.getCursor();
    const before = editor.getLine(to.line).slice(0, to.ch);
    const template = area.form.querySelector("[data-record-template]")?.dataset.recordTemplate ?? area.dataset.template;
    const [typed, list] = offers[area.dataset.editor](names, template, before, editor.getValue());
    return { list, from: CodeMirror.Pos(to.line, to.ch - typed.length), to };
  };

  const mark = (editor, form) => {
    editor.getAllMarks().forEach((one) => one.clear());
    const place = form.querySelector("[data-error-line]");
    if (!place) return;
    const line = Math.min(Number(place.dataset.errorLine) - 1, editor.lastLine());
    // Columns count characters, the editor counts units of UTF-16.
    const start = [...editor.getLine(line)].slice(0, Number(place.dataset.errorColumn) - 1).join("").length;
    const rest = editor.getLine(line).slice(start);
    const length = rest.match(/^(?:->|<-)?\s*[$?]*[\p{L}\p{N}_.:]+/u)?.[0].length || 1;
    const from = rest ? start : Math.max(start - 1, 0);
    editor.markText(CodeMirror.Pos(line, from), CodeMirror.Pos(line, start + length), { className: "wrong" });
  };

  const set = (area) => {
    const editor = CodeMirror.fromTextArea(area, {
      mode: area.dataset.editor,
      lineNumbers: true,
      fixedGutter: false,
      lineWrapping: true,
      screenReaderLabel: area.labels[0]?.textContent.trim(),
      // Tab leaves the editor, as it leaves any field.
      extraKeys: { "Ctrl-Space": "autocomplete", Tab: false, "Shift-Tab": false },
      hintOptions: { hint: hint(area), completeSingle: false },
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (area.hasAttribute(name)) editor.getInputField().setAttribute(name, area.getAttribute(name));
    }
    const label = area.labels[0];
    label?.addEventListener("click", () => editor.focus());
    editor.on("change", (_, change) => {
      editor.save();
      area.dispatchEvent(new Event("input", { bubbles: true }));
      const isTalk = /string|comment/.test(editor.getTokenTypeAt(editor.getCursor()) ?? "");
      if (change.origin === "+input" && !isTalk && /^(?:[$>:]|\p{L})$/u.test(change.text[0])) editor.showHint();
    });
    mark(editor, area.form);
    document.addEventListener("htmx:after:swap", () => area.isConnected && mark(editor, area.form));
  };

  const arrive = (root) => root.querySelectorAll("textarea[data-editor]:not([data-is-set])").forEach((area) => {
    area.dataset.isSet = "";
    set(area);
  });
  arrive(document);
  document.addEventListener("htmx:after:settle", () => arrive(document));
})();
