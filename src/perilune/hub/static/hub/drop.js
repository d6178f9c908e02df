// Files dropped on the form are chosen; another kind of record proposes its columns anew.
for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("[data-chosen]");
  const show = () => { chosen.textContent = [...input.files].map((file) => file.name).join(", "); };
  input.addEventListener("change", show);
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("drop-over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        show();
      }
    });
  }
}
for (const select of document.querySelectorAll("[data-mapping] [data-kind]")) {
  select.addEventListener("change", () => select.form.submit());
}
for (const named of document.querySelectorAll(".import-source input[name=source]")) {
  // who names a new source means a new source
  named.addEventListener("input", () => {
    const own = named.closest(".import-check").querySelector("input[type=radio]");
    if (own) own.checked = true;
  });
}
