// What territories hold, from the columns of the map: one pass over the points.
export function scored({ territory, loads, count, attributes }, territories) {
  const accounts = new Float64Array(territories);
  const sums = loads.map(() => new Float64Array(territories));
  for (let index = 0; index < count; index += 1) {
    const at = territory[index];
    if (at < 0) continue;
    accounts[at] += 1;
    for (let of = 0; of < loads.length; of += 1) sums[of][at] += loads[of][index] || 0;
  }
  // targets are those of the whole plan, of which one may see a part
  const deviation = sums.map((held, of) => held.map((amount, at) => (attributes[of].target[at] ? amount / attributes[of].target[at] - 1 : 0)));
  return { accounts, sums, deviation };
}
