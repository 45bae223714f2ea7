// Search, focus, shortcuts. The page is complete without this file; nothing here makes markup out of text.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const data = JSON.parse(one("#data").textContent);
  const chains = all("article.chain");
  const links = new Map(all(".side a[href^='#chain-']").map((link) => [link.hash.slice(1), link]));
  const search = one("#search");
  const status = one("#status");
  const legend = one("#shortcuts");
  all("[data-script]").forEach((item) => { item.hidden = false; });

  // A drawing that is wider than the page begins in its middle.
  all(".canvas").forEach((canvas) => { canvas.scrollLeft = (canvas.scrollWidth - canvas.clientWidth) / 2; });

  // --- search: chains that hold the words, and in them the rows that do ---
  const texts = new Map(chains.map((chain) => [chain, chain.textContent.toLowerCase()]));
  const rows = new Map(chains.map((chain) => [chain, all("tr.hop", chain).map((row) => [row, row.textContent.toLowerCase()])]));
  const find = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    let shown = 0;
    for (const chain of chains) {
      const fits = has(texts.get(chain));
      chain.hidden = !fits;
      shown += fits;
      const link = links.get(chain.id);
      if (link) link.parentElement.hidden = !fits;
      const fitting = rows.get(chain).filter(([, text]) => has(text));
      for (const [row, text] of rows.get(chain)) row.hidden = fitting.length > 0 && !has(text);
    }
    status.textContent = words.length ? `${shown} of ${chains.length} chains` : "";
  };
  search.addEventListener("input", find);

  // --- focus: one node of a drawing, and everything that shares a hop with it ---
  const keysOf = (item) => item.dataset.keys.split(" ").filter(Boolean);
  const clear = (chain) => {
    chain.classList.remove("has-focus");
    const drawing = one(".graph", chain);
    if (!drawing) return;
    drawing.classList.remove("focused");
    all(".near, .chosen", drawing).forEach((item) => item.classList.remove("near", "chosen"));
    all("tr.hop", chain).forEach((row) => { row.hidden = false; });
    const button = one("[data-clear]", chain);
    if (button) button.hidden = true;
  };
  const focus = (node) => {
    const chain = node.closest("article");
    const again = node.classList.contains("chosen");
    clear(chain);
    if (again) return;
    const keys = new Set(keysOf(node));
    const drawing = node.closest(".graph");
    drawing.classList.add("focused");
    node.classList.add("chosen");
    all("[data-keys]", drawing).forEach((item) => item.classList.toggle("near", item === node || keysOf(item).some((key) => keys.has(key))));
    all("tr.hop", chain).forEach((row) => { row.hidden = !keys.has(row.dataset.hop); });
    one("[data-clear]", chain).hidden = false;
    const own = [...keys].find((key) => key.startsWith("@"));
    const hops = [...keys].map((key) => data.hops[key]).filter(Boolean);
    const into = hops.filter((hop) => "@" + hop[1] === own).length;
    const out = hops.filter((hop) => "@" + hop[0] === own).length;
    status.textContent = node.classList.contains("function")
      ? `${node.dataset.name}: ${into} in, ${out} out`
      : `${node.dataset.name}: ${hops.length} hops`;
  };
  all(".node[tabindex]").forEach((node) => {
    node.addEventListener("click", () => focus(node));
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); focus(node); }
    });
  });
  all("[data-clear]").forEach((button) => {
    button.hidden = true;
    button.addEventListener("click", () => clear(button.closest("article")));
  });

  // --- copy the diagram ---
  const copied = (button, done) => {
    const words = button.textContent;
    button.textContent = done ? "Copied" : "Select and copy it below";
    setTimeout(() => { button.textContent = words; }, 1600);
  };
  const copy = async (chain) => {
    const button = one("[data-copy]", chain);
    const source = one(".mermaid pre", chain);
    if (!button || !source) return;
    try {
      await navigator.clipboard.writeText(source.textContent);
      copied(button, true);
    } catch {
      one(".mermaid", chain).open = true;
      getSelection().selectAllChildren(source);
      copied(button, false);
    }
  };
  all("[data-copy]").forEach((button) => button.addEventListener("click", () => copy(button.closest("article"))));

  // --- which chain is being read ---
  let current = null;
  const mark = (chain) => {
    current = chain;
    links.forEach((link, id) => link.setAttribute("aria-current", String(chain && chain.id === id)));
  };
  const watch = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    if (seen.length) mark(seen[0]);
  }, { rootMargin: "-10% 0px -70% 0px" });
  chains.forEach((chain) => watch.observe(chain));
  const step = (by) => {
    const open = chains.filter((chain) => !chain.hidden);
    const at = open.indexOf(current);
    const next = open[Math.min(Math.max(at + by, 0), open.length - 1)];
    if (!next) return;
    mark(next);
    next.scrollIntoView();
    next.focus({ preventScroll: true });
  };

  // --- everything open, for reading through and for print ---
  const unfold = (open) => all("main details").forEach((item) => { item.open = open; });
  let folded = [];
  addEventListener("beforeprint", () => { folded = all("main details:not([open])"); unfold(true); });
  addEventListener("afterprint", () => { folded.forEach((item) => { item.open = false; }); });

  const keys = {
    "/": () => { search.focus(); search.select(); },
    j: () => step(1),
    k: () => step(-1),
    e: () => unfold(all("main details:not([open])").length > 0),
    m: () => { if (current) copy(current); },
    "?": () => (legend.open ? legend.close() : legend.showModal()),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !legend.open) {
      search.value = "";
      search.blur();
      find();
      chains.forEach(clear);
      return;
    }
    if (event.target.closest("input, textarea, select")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
