"use strict";
// The model of `core/model.py`, and the changes of `change.py`, in the browser.
const known = (v) => v !== null && v !== undefined && !Number.isNaN(v);

function leaf(node, row) {
  while (Array.isArray(node)) {
    const v = row[node[0]];
    const left = known(v) ? v <= node[1] : node[2] === 1;
    node = left ? node[3] : node[4];
  }
  return node;
}

function riskOf(model, row) {
  let score = model.start.intercept;
  const limit = model.start.limit;
  for (const t of model.start.terms) {
    const v = row[t.feature];
    const far = Math.max(-limit, Math.min(limit, (v - t.mean) / t.scale));
    score += known(v) ? t.coefficient * far : t.missing;
  }
  let added = 0;
  for (const tree of model.trees) added += leaf(tree, row);
  return 1 / (1 + Math.exp(-(model.level + model.slope * (score + added))));
}

// Columns are kept in single precision, as the matrix is.
function moved(row, change, then) {
  const after = { ...row };
  const by = then - change.today;
  for (const m of change.moves) {
    if (m.to !== null) after[m.column] = m.to;
    else if (m.low === null) after[m.column] = Math.fround(row[m.column] + m.factor * by);
    else after[m.column] = Math.fround(Math.min(row[m.column], m.low + m.factor * by));
  }
  return after;
}
