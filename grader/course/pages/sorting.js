const table = document.querySelector("table.students");
const rows = [...table.tBodies[0].rows];
const search = document.querySelector("#search");
const value = (row, column) => row.cells[column]?.dataset.value ?? row.cells[column]?.textContent ?? "";
search.hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
});
table.tHead.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const cell = button.closest("th");
  const up = cell.getAttribute("aria-sort") !== "ascending";
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  cell.setAttribute("aria-sort", up ? "ascending" : "descending");
  const order = (one, other) =>
    value(one, cell.cellIndex).localeCompare(value(other, cell.cellIndex), undefined, { numeric: true });
  rows.sort((one, other) => (up ? order(one, other) : order(other, one)));
  table.tBodies[0].append(...rows);
});
