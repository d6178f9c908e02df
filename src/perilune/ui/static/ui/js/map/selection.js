// The selection: which points are chosen; whoever listens hears of every change, once.
export function selection(count, changed) {
  const chosen = new Set(), heard = [];
  const tell = (touched) => {
    changed(touched);
    const indexes = [...chosen];
    heard.forEach((each) => each(indexes));
  };
  const known = (indexes) => [...indexes].filter((index) => Number.isInteger(index) && index >= 0 && index < count);
  return {
    chosen,
    onSelect: (each) => heard.push(each),
    add: (indexes) => { const fresh = known(indexes).filter((index) => !chosen.has(index)); fresh.forEach((index) => chosen.add(index)); tell(fresh); },
    toggle: (index) => { if (!chosen.delete(index)) chosen.add(index); tell([index]); },
    only: (indexes) => { const before = [...chosen]; chosen.clear(); known(indexes).forEach((index) => chosen.add(index)); tell([...before, ...chosen]); },
    clear: () => { const before = [...chosen]; chosen.clear(); tell(before); },
  };
}
