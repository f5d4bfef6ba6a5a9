"use strict";
(() => {
  const table = document.querySelector(".people");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const controls = document.querySelector(".controls");
  const find = document.getElementById("find");
  const state = document.getElementById("state");
  const found = document.getElementById("found");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const order = new Intl.Collator(undefined, { numeric: true });

  function filter() {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!state.value || row.dataset.state === state.value) && texts.get(row).includes(wanted);
      row.hidden = !fits;
      shown += fits;
    }
    found.textContent = `${shown.toLocaleString("en")} shown`;
  }

  function sort(column) {
    const falling = heads[column].getAttribute("aria-sort") === "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", falling ? "descending" : "ascending");
    const value = new Map(rows.map((row) => [row, row.cells[column].textContent]));
    const sorted = [...rows].sort((a, b) => order.compare(value.get(a), value.get(b)));
    body.append(...(falling ? sorted.reverse() : sorted));
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(column));
    head.replaceChildren(button);
  });
  heads[0].setAttribute("aria-sort", "ascending");
  controls.hidden = false;
  controls.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  state.addEventListener("change", filter);
  filter();
})();
