"use strict";
// all is there without this: it adds a search, an order of rows, and buttons that copy
const search = document.getElementById("search");
if (search) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const items = [...document.querySelectorAll(".found")].map((item) => [item, plain(item.textContent)]);
  search.closest("[hidden]").hidden = false;
  search.addEventListener("input", () => {
    const words = plain(search.value).split(/\s+/);
    let left = 0;
    for (const [item, text] of items) {
      item.hidden = !words.every((word) => text.includes(word));
      left += !item.hidden;
    }
    for (const section of document.querySelectorAll("main > section")) {
      section.hidden = !section.querySelector(".found:not([hidden])");
    }
    document.getElementById("nothing").hidden = left > 0;
  });
}
const sample = document.getElementById("sample");
if (sample) {
  const body = sample.tBodies[0];
  const rows = [...body.rows];
  const heads = [...sample.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = `${sample.dataset.sort} ${head.textContent}`;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") === "ascending";
      const isNumber = head.classList.contains("number");
      const keyed = rows.map((row) => {
        const cell = row.cells[place];
        const text = cell.querySelector(".null") ? null : cell.textContent;
        return [row, text !== null && isNumber ? Number(cell.dataset.value ?? text) : text];
      });
      keyed.sort(([, a], [, b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        const order = isNumber ? a - b : a < b ? -1 : +(a > b);
        return falls ? -order : order;
      });
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      body.append(...keyed.map(([row]) => row));
    });
  });
}
for (const button of document.querySelectorAll(".copy")) {
  const words = button.textContent;
  const code = button.parentElement.querySelector("code");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code); // where a browser gives no clipboard
      document.execCommand("copy");
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}
