/* What happens in the browser: which drawing of a figure fits, where focus goes, how a choice becomes an address. */
(function () {
  "use strict";

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const kept = new Map();   // chart name -> its drawings
  const drawn = new Map();  // chart name -> which of them is shown

  const canvas = (name) => document.getElementById("canvas-" + name);

  /* The theme and the widest drawing that the room of a chart holds. */
  function fitting(name) {
    const theme = dark.matches ? "dark" : "light";
    const widths = Object.keys(kept.get(name)[theme]).map(Number).sort(function (one, other) { return one - other; });
    const room = canvas(name) ? canvas(name).clientWidth : 0;
    const fit = widths.filter(function (width) { return width <= room; });
    return theme + " " + (fit.length ? fit[fit.length - 1] : widths[0]);
  }

  function drawing(name, which) {
    const parts = which.split(" ");
    return copy(kept.get(name)[parts[0]][parts[1]]);
  }

  function copy(drawing) {
    return JSON.parse(JSON.stringify(drawing));
  }

  function choose(drawings, id) {
    if (!drawings) { return window.dash_clientside.no_update; }
    kept.set(id.name, drawings);
    const which = fitting(id.name);
    drawn.set(id.name, which);
    const room = canvas(id.name);
    if (room) { widths.observe(room); }
    return drawing(id.name, which);
  }

  function redraw() {
    kept.forEach(function (_, name) {
      if (!canvas(name)) { kept.delete(name); drawn.delete(name); return; }
      const which = fitting(name);
      if (which === drawn.get(name)) { return; }
      drawn.set(name, which);
      window.dash_clientside.set_props({ type: "graph", name: name }, { figure: drawing(name, which) });
    });
  }

  const widths = new ResizeObserver(function () { window.requestAnimationFrame(redraw); });
  dark.addEventListener("change", redraw);

  /* Paper: the print drawing at the width of the page, and everything folded away opened, but for the Summary's tables. */
  function plots(act) {
    kept.forEach(function (drawings, name) {
      const room = canvas(name);
      const plot = room && room.querySelector(".js-plotly-plot");
      if (plot && window.Plotly) { act(plot, drawings, name); }
    });
  }

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("main:not([data-title^=Summary]) details:not([open])").forEach(function (each) { each.open = true; each.dataset.opened = "1"; });
    plots(function (plot, drawings) {
      const paper = copy(drawings.print);
      paper.layout.width = 680;
      paper.layout.autosize = false;
      window.Plotly.react(plot, paper.data, paper.layout);
    });
  });

  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-opened]").forEach(function (each) { each.open = false; delete each.dataset.opened; });
    plots(function (plot, drawings, name) {
      const screen = drawing(name, fitting(name));
      window.Plotly.react(plot, screen.data, screen.layout);
    });
  });

  /* Addresses: links and choices of this site change the address in place; the server is asked for the page it stands for. */
  let patience = 0;
  let held = "";  // id of what had focus when the page was asked to change

  function go(href) {
    held = document.activeElement ? document.activeElement.id : "";
    const to = new URL(href, window.location.origin);
    if (to.origin !== window.location.origin) { return; }
    if (to.pathname !== window.location.pathname || to.search !== window.location.search) {
      document.getElementById("page").setAttribute("aria-busy", "true");
      window.clearTimeout(patience);
      patience = window.setTimeout(silence, Number(document.body.dataset.patience) || 10000);
    }
    window.dash_clientside.set_props("address", { pathname: to.pathname, search: to.search, hash: to.hash });
    if (to.pathname === window.location.pathname && to.hash) { reach(to.hash); }
  }

  /* The server did not answer: say so, and leave the page readable. */
  function silence() {
    const said = document.createElement("p");
    said.className = "notice";
    said.setAttribute("role", "alert");
    said.textContent = "The site does not answer. What you see is the page from before. Try again in a minute; if it stays so, " +
      "tell the contact at the foot of the page.";
    document.getElementById("page").removeAttribute("aria-busy");
    document.getElementById("main").prepend(said);
  }

  function reach(hash) {
    const target = document.getElementById(decodeURIComponent(hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; }
    if (target) { target.scrollIntoView(); }
  }

  document.addEventListener("click", function (event) {
    const picture = event.target.closest("[data-picture]");
    if (picture) { download(picture.dataset.picture); return; }
    const link = event.target.closest("a[href^='/']");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.hasAttribute("download") || event.defaultPrevented) { return; }
    event.preventDefault();
    go(link.getAttribute("href"));
  });

  function ask(form) {
    const chosen = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (value) { chosen.append(name, value); } });
    const search = chosen.toString();
    go(form.getAttribute("action") + (search ? "?" + search : ""));
  }

  document.addEventListener("change", function (event) {
    const form = event.target.closest("form.choices");
    if (form) { ask(form); }
  });
  document.addEventListener("submit", function (event) {
    const form = event.target.closest("form.choices");
    if (form) { event.preventDefault(); ask(form); }
  });

  function pick(click) {
    const point = click && click.points && click.points[0];
    if (point && typeof point.customdata === "string" && point.customdata.startsWith("/")) { go(point.customdata); }
    return window.dash_clientside.no_update;
  }

  function download(name) {
    const drawings = kept.get(name);
    if (!drawings || !window.Plotly) { return; }
    const widest = Math.max.apply(null, Object.keys(drawings.light).map(Number));
    const picture = drawing(name, "light " + widest);
    picture.layout.width = Math.max(widest, 720);
    window.Plotly.downloadImage(picture, { format: "svg", filename: name, width: picture.layout.width, height: picture.layout.height });
  }

  /* Arrival: title, paper footer, and focus: on the heading of a new page, where it was when only a choice changed. */
  let path = null;

  function arrive(children, pathname, hash) {
    const main = document.getElementById("main");
    const page = document.getElementById("page");
    if (!children || !main || !main.dataset.title) { return window.dash_clientside.no_update; }
    page.removeAttribute("aria-busy");
    window.clearTimeout(patience);
    document.title = main.dataset.title;
    paper(main.dataset.snapshot);
    const first = path === null;
    const moved = path !== pathname;
    const same = !moved && held && document.getElementById(held);
    path = pathname;
    held = "";
    if (same) { same.focus({ preventScroll: true }); } else if (hash) { reach(hash); } else if (moved && !first) {
      window.scrollTo(0, 0);
      const heading = main.querySelector("h1");
      if (heading) { heading.focus({ preventScroll: true }); }
    }
    return pathname;
  }

  function paper(snapshot) {
    let style = document.getElementById("paper");
    if (!style) { style = document.createElement("style"); style.id = "paper"; document.head.append(style); }
    const text = (snapshot || "").replace(/[^\w .,·-]/g, "");
    style.textContent = "@page{@bottom-left{content:'" + text + "';font:8pt Arial,sans-serif;color:#4C6272}" +
      "@bottom-right{content:counter(page) ' of ' counter(pages);font:8pt Arial,sans-serif;color:#4C6272}}";
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { site: { choose: choose, pick: pick, arrive: arrive } });
})();
