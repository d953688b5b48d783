const dash = "\u2013", next = {none: "ascending", ascending: "descending", descending: "none"};
const words = new Intl.Collator("en", {numeric: true});
const [body] = document.querySelector("table").tBodies, printed = [...body.rows];
const headings = [...document.querySelectorAll("th[scope=col]")];
const text = (row, column) => row.cells[column].textContent;
const number = (row, column) => parseFloat(text(row, column).replaceAll(",", ""));
function compare(one, other, column) {
  return one.cells[column].className === "text"
    ? words.compare(text(one, column), text(other, column))
    : number(one, column) - number(other, column);
}
function sort(column) {
  const direction = next[headings[column].ariaSort];
  const missing = printed.filter((row) => text(row, column).startsWith(dash));
  const known = printed.filter((row) => !missing.includes(row));
  known.sort((one, other) => compare(one, other, column) * (direction === "ascending" ? 1 : -1));
  body.replaceChildren(...(direction === "none" ? printed : [...known, ...missing]));
  for (const heading of headings) heading.ariaSort = "none";
  headings[column].ariaSort = direction;
}
headings.forEach((heading, column) => {
  const button = document.createElement("button");
  button.append(...heading.childNodes);
  button.title = "sort by this column";
  button.addEventListener("click", () => sort(column));
  heading.append(button);
  heading.ariaSort = "none";
});
