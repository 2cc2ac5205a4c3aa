const data = JSON.parse(document.getElementById("data").textContent);
const chosen = {};
const percent = (r) => (r < 0.001 ? "< 0.1" : (100 * r).toFixed(r >= 0.1 ? 0 : 1)) + " %";

function risks() {
  const found = {};
  for (const [slug, each] of Object.entries(data.diseases)) {
    let row = each.row;
    for (const change of each.changes)
      if (change.name in chosen) row = moved(row, change, chosen[change.name]);
    found[slug] = riskOf(each.model, row);
  }
  return found;
}

function show() {
  for (const [slug, risk] of Object.entries(risks())) {
    const cell = document.querySelector(`[data-then="${slug}"]`);
    const before = Number(cell.dataset.today);
    const same = Math.abs(risk - before) < 5e-5;
    // A disease is not asked about what it is defined by, or does not go up with.
    const asked = data.diseases[slug].changes.some((each) => each.name in chosen);
    const still = asked || !Object.keys(chosen).length ? "as today" : "not asked";
    cell.textContent = same ? still : percent(risk);
    cell.className = `screen n ${same ? "soft" : risk < before ? "lower" : "higher"}`;
  }
}

for (const input of document.querySelectorAll("[data-change]")) {
  input.addEventListener("input", () => {
    const name = input.dataset.change;
    const box = input.type === "checkbox";
    const value = box ? (input.checked ? 0 : 1) : Number(input.value);
    const today = Number(input.dataset.today);
    if (value === today || (!box && value >= Number(input.max))) delete chosen[name];
    else chosen[name] = value;
    const told = document.querySelector(`[data-said="${name}"]`);
    if (told) told.textContent = name in chosen ? value.toFixed(Number(input.dataset.digits)) : "as today";
    show();
  });
}
document.getElementById("back").addEventListener("click", () => {
  for (const input of document.querySelectorAll("[data-change]")) {
    if (input.type === "checkbox") input.checked = false;
    else input.value = input.max;
    input.dispatchEvent(new Event("input"));
  }
});
// What is folded away is read on paper, too.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
show();
