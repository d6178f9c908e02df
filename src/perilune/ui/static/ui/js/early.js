// Runs before the first paint, so that theme and rail do not jump.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  try {
    for (const name of ["theme", "rail"]) {
      const value = localStorage.getItem(`perilune-${name}`);
      if (value) root.dataset[name] = value;
    }
  } catch { /* storage may be forbidden; the page does without */ }
})();
