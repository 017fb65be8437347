// The dashboard works without this script. It adds: reading the chart by pointing, tapping and arrow keys, live updates, storing the
// browser's time zone, moving links by dragging them, making pictures small, the live preview of the page, and copying
// snippets. It requests nothing from other servers, and stores only that
// the owner is not a visitor.
(() => {
  "use strict";

  /** A signed-in owner is not counted in this browser on this server's pages, which say so and let the owner choose otherwise. */
  if (document.querySelector('form[action$="/sign-out"]')) {
    try {
      if (localStorage.getItem("bioscope-ignore") === null) localStorage.setItem("bioscope-ignore", "1");
    } catch {}
  }

  /** The chart, which reads its values from the table below it. */
  for (const chart of document.querySelectorAll(".chart")) {
    const read = chart.querySelector(".read"), plot = chart.querySelector(".data");
    const summary = read.textContent, columns = [...plot.querySelectorAll("g")], cursor = plot.querySelector(".cursor");
    const rows = [...chart.parentNode.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
    let at = -1;

    const show = index => {
      at = index;
      columns.forEach((column, i) => column.classList.toggle("off", index >= 0 && i !== index));
      if (cursor) {
        const x = 100 * index / (rows.length - 1) + "%";
        cursor.setAttribute("visibility", index < 0 ? "hidden" : "visible");
        cursor.setAttribute("x1", x);
        cursor.setAttribute("x2", x);
      }

      const [when, views, clicks] = rows[index] ?? [];
      const text = views === "–" ? chart.dataset.coming : chart.dataset.read;
      read.textContent = index < 0 ? summary : text.replace("{when}", () => when).replace("{views}", () => views).replace("{clicks}", () => clicks);
    };

    const point = event => {
      const box = plot.getBoundingClientRect(), share = (event.clientX - box.left) / box.width;
      show(Math.min(rows.length - 1, Math.max(0, cursor ? Math.round(share * (rows.length - 1)) : Math.floor(share * rows.length))));
    };

    const svg = chart.querySelector(".plot");
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointerleave", event => event.pointerType === "mouse" && show(-1));
    chart.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -rows.length, End: rows.length }[event.key];
      if (step) {
        event.preventDefault();
        show(Math.min(rows.length - 1, Math.max(0, at < 0 ? rows.length - 1 : at + step)));
      } else if (event.key === "Escape") {
        show(-1);
      }
    });
    chart.addEventListener("blur", () => show(-1));
  }

  /** The time zone: names to choose from and, while none is stored, the browser's own, sent once. */
  const zone = document.getElementById("zone");
  if (zone) {
    zone.elements.zone.addEventListener("focus", () => {
      for (const name of Intl.supportedValuesOf?.("timeZone") ?? []) zone.querySelector("datalist").append(new Option(name));
    }, { once: true });
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ("first" in zone.dataset && own) {
      const fields = new URLSearchParams(new FormData(zone));
      fields.set("zone", own);
      fields.set("first", "1");
      fetch(zone.action, { method: "POST", body: fields, redirect: "manual" })
        // A redirect means stored; a refused zone would be refused again.
        .then(answer => answer.type === "opaqueredirect" && own !== zone.dataset.shown && !new URLSearchParams(location.search).has("zone") && location.reload(), () => {});
    }
  }

  /** Live visits, while the page is visible. */
  const live = document.getElementById("live");
  if (live && window.EventSource) {
    const again = document.querySelector(".again");
    const show = failed => again && (again.hidden = !failed);
    let source;
    const watch = () => {
      if (document.hidden) {
        source?.close();
        source = undefined;
      } else if (!source) {
        source = new EventSource(live.dataset.live);
        source.onopen = () => show(false);
        source.onmessage = event => {
          // The first visit ever: the next steps are replaced by the figures.
          if ("first" in live.dataset && event.data.includes("<li>")) location.reload();
          live.innerHTML = event.data;
        };
        // The browser reconnects by itself, unless it was told not to; then a link is shown.
        source.onerror = () => source?.readyState === EventSource.CLOSED && show(true);
      }
    };
    document.addEventListener("visibilitychange", watch);
    addEventListener("pagehide", () => source?.close());
    watch();
  }

  /** Links move without loading the page: by their handle, and by the buttons that also work without this script. */
  for (const list of document.querySelectorAll("[data-order]")) {
    const send = async row => {
      const form = row.querySelector(".tools"), fields = new URLSearchParams(new FormData(form));
      fields.set("move", row.nextElementSibling?.dataset.link ?? "last");
      document.getElementById("moved").textContent = `${[...list.children].indexOf(row) + 1} / ${list.children.length}`;
      const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" }).catch(() => undefined);
      // A redirect means moved; otherwise the page shows the order that is stored.
      if (answer?.type !== "opaqueredirect") location.reload();
    };

    for (const button of list.querySelectorAll("[name=move]")) {
      button.addEventListener("click", event => {
        event.preventDefault();
        const row = button.closest("li"), up = button.value === "up";
        if (!(up ? row.previousElementSibling : row.nextElementSibling)) return;
        if (up) row.previousElementSibling.before(row);
        else row.nextElementSibling.after(row);
        button.focus();
        send(row);
      });
    }

    for (const grip of list.querySelectorAll(".grip")) {
      grip.hidden = false;
      grip.addEventListener("pointerdown", event => {
        if (event.button) return;
        event.preventDefault();
        const row = grip.closest("li"), next = row.nextElementSibling;
        const move = ({ clientY }) => {
          if (clientY < 56 || clientY > innerHeight - 56) scrollBy(0, clientY < 56 ? -12 : 12);
          const other = [...list.children].find(item => {
            const box = item.getBoundingClientRect();
            return clientY >= box.top && clientY < box.bottom;
          });
          if (!other || other === row) return;
          const box = other.getBoundingClientRect(), isBelow = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
          // Beyond its middle, so that rows of different heights do not change places to and fro.
          if (isBelow && clientY > box.top + box.height / 2) other.after(row);
          else if (!isBelow && clientY < box.top + box.height / 2) other.before(row);
        };
        const end = ({ type }) => {
          removeEventListener("pointermove", move);
          removeEventListener("pointerup", end);
          removeEventListener("pointercancel", end);
          row.classList.remove("held");
          if (type === "pointercancel") list.insertBefore(row, next);
          else if (row.nextElementSibling !== next) send(row);
        };
        row.classList.add("held");
        addEventListener("pointermove", move);
        addEventListener("pointerup", end);
        addEventListener("pointercancel", end);
      });
    }
  }

  /** A picture is cut and made small before it is sent, and AVIF, which the server cannot read, becomes another format. */
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", async () => {
      try {
        const picture = await createImageBitmap(input.files[0]), side = Math.min(picture.width, picture.height), size = Math.min(512, side);
        const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
        canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, size, size);
        const small = await new Promise(done => canvas.toBlob(done, "image/webp", .92)), files = new DataTransfer();
        files.items.add(new File([small], "picture", { type: small.type }));
        input.files = files.files;
      } catch {
        // Sent as it is: the server says what is wrong with it.
      }
    });
  }

  /** The preview of the page follows the form: a pause in typing sends it, as its button does without this script. */
  const draft = document.querySelector("[data-preview]");
  if (draft) {
    let pause;
    draft.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => draft.requestSubmit(draft.querySelector("[formtarget]")), 700);
    });
    draft.addEventListener("submit", event => event.submitter?.formTarget || clearTimeout(pause));
    draft.querySelector("[formtarget]").hidden = true;
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      const text = button.textContent;
      if (text === document.body.dataset.copied) return;
      button.textContent = document.body.dataset.copied;
      setTimeout(() => button.textContent = text, 2000);
    });
  }
})();
