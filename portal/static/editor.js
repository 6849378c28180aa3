// What writing needs that Streamlit's text area does not do: tell the server while one types, format, take images, follow in the preview.
(() => {
  const AREAS = ".st-key-edit_panes textarea";
  const BODY = ".st-key-edit_text textarea";
  const IDLE = 250;
  let waiting = null;

  // Streamlit sends a text area when it is left or on Ctrl+Enter; so the editor presses that whenever the writer pauses.
  function send(area) {
    clearTimeout(waiting?.timer);
    waiting = null;
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }));
  }

  function sendSoon(area) {
    clearTimeout(waiting?.timer);
    waiting = { area, timer: setTimeout(() => send(area), IDLE) };
  }

  document.addEventListener("input", (event) => {
    // While an input method composes, what stands there is not yet what is meant.
    if (event.target.matches?.(AREAS) && !event.isComposing) sendSoon(event.target);
  });
  document.addEventListener("compositionend", (event) => { if (event.target.matches?.(AREAS)) sendSoon(event.target); });
  addEventListener("beforeunload", (event) => {
    if (!waiting) return;
    send(waiting.area);
    event.preventDefault();
  });

  // Formatting. Inserted as if typed, so that Ctrl+Z takes it back.

  function type(area, text, from = area.selectionStart, to = area.selectionEnd) {
    area.focus();
    area.setSelectionRange(from, to);
    document.execCommand(text ? "insertText" : "delete", false, text);
  }

  function wrap(area, before, after = before, empty = "") {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const chosen = value.slice(from, to) || empty;
    const outside = value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after;
    if (outside && chosen) {
      type(area, chosen, from - before.length, to + after.length);
      area.setSelectionRange(from - before.length, from - before.length + chosen.length);
      return;
    }
    type(area, before + chosen + after);
    area.setSelectionRange(from + before.length, from + before.length + chosen.length);
  }

  // The lines that the selection touches, each changed.
  function lines(area, change) {
    const { value } = area;
    const from = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const end = value.indexOf("\n", area.selectionEnd);
    const to = end < 0 ? value.length : end;
    const changed = value.slice(from, to).split("\n").map(change).join("\n");
    type(area, changed, from, to);
    area.setSelectionRange(from + changed.length, from + changed.length);
  }

  // A block of its own, with a blank line on both sides.
  function block(area, text, select = "") {
    const before = area.value.slice(0, area.selectionStart);
    const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const at = area.selectionStart + lead.length;
    type(area, `${lead}${text}\n`);
    const place = select ? at + text.indexOf(select) : at + text.length;
    area.setSelectionRange(place, place + select.length);
  }

  function tools() {
    return document.querySelector(".kb-tools")?.dataset ?? {};
  }

  const USE = {
    heading: (area) => lines(area, (line) => (/^#{2,3} /.test(line) ? line.replace(/^(#{2,3}) /, (_, marks) => (marks.length < 3 ? "### " : "")) : `## ${line}`)),
    bold: (area) => wrap(area, "**"),
    italic: (area) => wrap(area, "*"),
    link: (area) => wrap(area, "[", "](https://)", tools().link),
    list: (area) => lines(area, (line) => (line.startsWith("- ") ? line.slice(2) : `- ${line}`)),
    steps: (area) => lines(area, (line, place) => (/^\d+\. /.test(line) ? line.replace(/^\d+\. /, "") : `${place + 1}. ${line}`)),
    code: (area) => (area.value.slice(area.selectionStart, area.selectionEnd).includes("\n") ? wrap(area, "```\n", "\n```") : wrap(area, "`")),
    note: (area) => block(area, "!!! note\n    "),
    table: (area) => block(area, "|  |  |\n|---|---|\n|  |  |"),
  };

  document.addEventListener("click", (event) => {
    const tool = event.target.closest?.("[data-tool]");
    const area = tool && document.querySelector(BODY);
    if (area) USE[tool.dataset.tool](area);
  });
  // A tool that takes the focus would lose the selection that it is for.
  document.addEventListener("mousedown", (event) => { if (event.target.closest?.("[data-tool]")) event.preventDefault(); });

  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (!event.isTrusted || event.isComposing) return;
    const name = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (command && event.key.toLowerCase() === "s" && document.querySelector(".st-key-edit_panes")) {
      event.preventDefault(); // the browser would save the page
      if (waiting) send(waiting.area);
      document.querySelector(".st-key-edit_save button")?.click();
    }
    if (!area.matches?.(BODY)) return;
    if (command && name) {
      event.preventDefault();
      event.stopPropagation();
      USE[name](area);
    } else if (event.key === "Enter" && !command && !event.shiftKey && area.selectionStart === area.selectionEnd) {
      goOnWithList(area, event);
    }
  }, true);

  // Enter in a list begins its next entry; in an empty entry it ends the list.
  function goOnWithList(area, event) {
    const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const [, indent, mark, text] = area.value.slice(from, area.selectionStart).match(/^(\s*)([-*]|\d+\.) (.*)$/) ?? [];
    if (mark === undefined) return;
    event.preventDefault();
    if (!text.trim()) type(area, "", from, area.selectionStart);
    else type(area, `\n${indent}${/\d/.test(mark) ? `${parseInt(mark, 10) + 1}.` : mark} `);
  }

  // Images: chosen, pasted or dropped; the path comes back and is inserted where the writer is.

  function tell(words) {
    const place = document.querySelector(".kb-tool-said");
    if (place) place.textContent = words;
  }

  async function takeImage(file) {
    const { writes, token, alt, sending, failed, added } = tools();
    tell(sending);
    let answer;
    try {
      const sent = await fetch(`/add-image?article=${encodeURIComponent(writes)}&name=${encodeURIComponent(file.name)}`, {
        method: "POST", body: file, headers: { "X-Form-Token": token },
      });
      answer = await sent.json();
    } catch {
      tell(failed);
      return;
    }
    if (!answer.path) {
      tell(answer.fault ?? failed);
      return;
    }
    const markdown = `![${alt}](${answer.path})`;
    tell(`${added} ${markdown}`);
    // Asked for only now: while the image was under way another text may have been shown.
    const area = document.querySelector(BODY);
    if (!area) return;
    const at = area.selectionStart;
    type(area, markdown);
    // What it shows is for the writer to say: selected, so that typing replaces it.
    area.setSelectionRange(at + 2, at + 2 + alt.length);
  }

  function imageIn(transfer) {
    return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(".kb-tools input[type=file]")) return;
    const [file] = event.target.files;
    event.target.value = "";
    if (file) takeImage(file);
  });
  document.addEventListener("paste", (event) => {
    const file = event.target.matches?.(BODY) && imageIn(event.clipboardData);
    if (file) { event.preventDefault(); takeImage(file); }
  });
  document.addEventListener("dragover", (event) => { if (event.target.matches?.(BODY)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const file = event.target.matches?.(BODY) && imageIn(event.dataTransfer);
    if (file) { event.preventDefault(); takeImage(file); }
  });

  // The preview shows about the place where the text stands.
  document.addEventListener("scroll", (event) => {
    const area = event.target;
    if (!area.matches?.(BODY) || document.activeElement !== area) return;
    const page = document.querySelector(".st-key-edit_preview");
    const room = area.scrollHeight - area.clientHeight;
    if (page && room > 0) page.scrollTop = (area.scrollTop / room) * (page.scrollHeight - page.clientHeight);
  }, true);
})();
