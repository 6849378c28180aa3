// What a page needs that neither HTML nor Streamlit does: scroll to a section that arrives late, copy its link, "/" to search,
// say how long an article was in view, print a report.
(() => {
  let scrolled = "";

  function scrollToSection() {
    const name = decodeURIComponent(location.hash.slice(1));
    const section = name && document.getElementById(name);
    if (section && scrolled !== location.href) {
      scrolled = location.href;
      section.scrollIntoView();
    }
  }

  // Streamlit's sanitiser takes away ids that are also names in `document` ("images", "links", "title"); headings get theirs back.
  function nameSections() {
    for (const link of document.querySelectorAll("a.kb-section-link")) {
      const heading = link.parentElement;
      if (!heading.id) heading.id = decodeURIComponent(link.getAttribute("href").slice(1));
    }
  }

  // Which search led here is for the server, not for the address that people share.
  function forgetSearch() {
    if (!/[?&]s=/.test(location.search) || !document.querySelector(".kb-article-layout")) return;
    // By text, because URLSearchParams would write every slash of the id as %2F.
    const kept = location.search.slice(1).split("&").filter((part) => !part.startsWith("s="));
    history.replaceState(history.state, "", `${location.pathname}?${kept.join("&")}${location.hash}`);
  }

  // Streamlit names the button that empties the box in English only.
  function nameClearButton() {
    const button = document.querySelector(".st-key-q button");
    const name = document.querySelector(".kb-hero-words")?.dataset.clear;
    if (button && name && button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
  }

  async function copySection(link) {
    const article = link.closest("[data-copied]");
    try {
      await navigator.clipboard.writeText(new URL(link.getAttribute("href"), location.href).href);
    } catch {
      return; // no permission: the address bar shows the link all the same
    }
    const note = document.createElement("span");
    note.className = "kb-copied";
    note.setAttribute("role", "status");
    note.textContent = article ? article.dataset.copied : "";
    link.after(note);
    setTimeout(() => note.remove(), 1600);
  }

  // How long the article is in view, told whenever it goes out of it: a page that is closed gives no other chance.
  let read = "";
  let since = 0;

  function watchReading() {
    const article = document.visibilityState === "visible" ? document.querySelector("[data-article]")?.dataset.article ?? "" : "";
    if (article === read) return;
    if (read) tellReading();
    read = article;
    since = performance.now();
  }

  function tellReading() {
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    if (seconds >= 1) navigator.sendBeacon("/read", JSON.stringify({ article: read, seconds }));
    read = "";
  }

  document.addEventListener("visibilitychange", watchReading);
  addEventListener("pagehide", () => { if (read) tellReading(); });
  addEventListener("pageshow", watchReading);

  new MutationObserver(() => { nameSections(); nameClearButton(); forgetSearch(); scrollToSection(); watchReading(); }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.kb-section-link");
    if (link) copySection(link);
    if (event.target.closest?.("[data-print]")) print();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const box = document.querySelector('.st-key-q input, .kb-big-search input, .kb-mini-search input');
    if (box) { event.preventDefault(); box.focus(); }
  });
})();
